package io.millrace.runtime.checkpoint;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sinks of a job without its tasks: takes their places before the first task, and at the end
 * makes visible what a checkpoint promised and deletes what none did. All calls may wait; all may
 * be repeated.
 */
public final class Settlement {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

  private final JobId job;
  private final JobGraph graph;
  private final String lineage;
  private final ClassLoader loader;

  /**
   * @param lineage of the job, inherited or its own
   */
  public Settlement(JobId job, JobGraph graph, String lineage, ClassLoader loader) {
    this.job = job;
    this.graph = graph;
    this.lineage = lineage;
    this.loader = loader;
  }

  /** A sink refused or failed; names its operator. */
  public static final class SinkException extends Exception {
    private final String operator;

    SinkException(Vertex vertex, String doing, Exception cause) {
      super(doing + ": " + cause.getMessage(), cause);
      this.operator = vertex.name();
    }

    public String operator() {
      return operator;
    }
  }

  /**
   * Takes the places of all sinks.
   *
   * @param from the checkpoint that the job starts from
   * @return the highest number of a checkpoint that a sink has output of, as far as they know; 0
   *     for none
   */
  public long acquire(Optional<Long> from) throws SinkException {
    long highest = 0;
    for (Vertex vertex : sinks()) {
      try {
        Sink<?> sink = open(vertex);
        sink.acquire(scope(vertex));
        if (from.isPresent()) {
          highest = Math.max(highest, sink.resume(scope(vertex), from.get()));
        }
      } catch (Exception e) {
        throw new SinkException(vertex, "cannot take its place", e);
      }
    }
    return highest;
  }

  /**
   * Lets sinks take back what was cut for later checkpoints.
   *
   * @param upTo the highest that there ever was
   */
  public void rollback(Manifest to, long upTo) throws SinkException {
    rollback(to, upTo, true);
  }

  /**
   * The same at the end of a job that went back and got no further, so that whoever goes on from
   * its newest checkpoint does not show that output twice. A sink that cannot is left as it is: the
   * job may have ended for just that.
   */
  public void finishRollback(Manifest to, long upTo) throws SinkException {
    rollback(to, upTo, false);
  }

  private void rollback(Manifest to, long upTo, boolean all) throws SinkException {
    for (Vertex vertex : sinks()) {
      try {
        open(vertex).rollback(scope(vertex), to.checkpoint(), upTo, promised(to, vertex.uid()));
      } catch (Exception e) {
        if (!all && e instanceof UnsupportedOperationException) {
          LOG.warn("output of job {} since checkpoint {} stays", job, to.checkpoint(), e);
          continue;
        }
        throw new SinkException(
            vertex, "cannot take back its output since checkpoint " + to.checkpoint(), e);
      }
    }
  }

  /** Commits everything that the checkpoint promised. */
  public void commit(Manifest manifest) throws SinkException {
    for (Vertex vertex : sinks()) {
      List<byte[]> promised = promised(manifest, vertex.uid());
      if (!promised.isEmpty()) {
        try {
          open(vertex).commit(scope(vertex), promised);
        } catch (Exception e) {
          throw new SinkException(
              vertex, "cannot commit the output of checkpoint " + manifest.checkpoint(), e);
        }
      }
    }
  }

  /**
   * Deletes what was never promised. Only once nothing writes and all promises are kept.
   *
   * @param finished whether all input was read and committed
   */
  public void settle(boolean finished) throws SinkException {
    for (Vertex vertex : sinks()) {
      try {
        open(vertex).settle(scope(vertex), finished);
      } catch (Exception e) {
        throw new SinkException(vertex, "cannot delete its pending output", e);
      }
    }
  }

  /**
   * Ends a job whose JobManager is gone for good: claims it above everybody, keeps its promises,
   * deletes the rest, leaves a result. Harmless on a job that has ended.
   *
   * @param owner unique for each call
   * @throws IOException if the store fails, somebody else claims, or the newest checkpoint is
   *     damaged and so its promises are unknown
   */
  public static JobResult clean(
      CheckpointStore store, JobSpec spec, ClassLoader loader, String owner, long wallMillis)
      throws IOException, SinkException {
    String directory = store.directoryOf(spec.job());
    DurableNames names = store.names(directory);
    Epoch mine = new Epoch(highestAttempt(names) + 1, 1);
    Claim.Result<ClaimedJob> claim =
        claimOf(Procedure.run(Claim.ofEndedJob(mine, owner, wallMillis), names), directory);
    if (!(claim instanceof Claim.Claimed<ClaimedJob> claimed)) {
      throw new IOException(
          "job " + spec.job() + " is claimed by " + ((Claim.Superseded<ClaimedJob>) claim).by());
    }
    ClaimedJob job = claimed.inherited();
    if (job.result().map(JobResult::settled).orElse(false)) {
      return tidied(job.result().get(), store, spec, mine, job);
    }
    if (job.newest().isEmpty() && !job.damaged().isEmpty()) {
      DamagedManifest damaged = job.damaged().get(0);
      throw new IOException(
          directory
              + "/"
              + damaged.name()
              + " "
              + damaged.reason()
              + "; what it promised is unknown, so its pending output is left as it is; to settle"
              + " the job from the checkpoint before, which deletes that output, delete the file by"
              + " hand");
    }
    Optional<Manifest> newest = job.newest().map(RetainedManifest::manifest);
    String lineage =
        newest
            .map(Manifest::lineage)
            .or(() -> job.deployment().map(DeploymentRecord::lineage))
            .orElse(spec.lineage());
    boolean finished = newest.map(Manifest::last).orElse(false);
    Optional<Stopped> stopped = newest.flatMap(Manifest::stopped);
    if (stopped.isPresent()) {
      Written kept =
          resultOf(
              Procedure.run(
                  new KeepSavepoint(newest.get()), store.names(stopped.get().savepoint())));
      if (kept.verdict() != Written.Verdict.DONE) {
        throw new IOException(kept.detail());
      }
    }
    var settlement = new Settlement(spec.job(), spec.graph(), lineage, loader);
    if (newest.isPresent()) {
      Optional<Rollback> owed =
          job.rollback().filter(said -> said.isOwed(newest.get().checkpoint()));
      if (owed.isPresent()) {
        settlement.finishRollback(newest.get(), owed.get().upTo());
      }
      settlement.commit(newest.get());
    }
    settlement.settle(finished && stopped.map(Stopped::drained).orElse(true));
    if (job.result().isPresent()) {
      return job.result().get(); // what it could not do is done; it stays what everybody was told
    }
    JobStatus status =
        finished
            ? stopped.map(Stopped::outcome).orElse(JobStatus.FINISHED)
            : job.intent().map(Intent::outcome).orElse(JobStatus.CANCELED);
    var result =
        new JobResult(
            status,
            job.intent().flatMap(Intent::failure),
            wallMillis,
            stopped.map(Stopped::savepoint),
            true,
            newest.map(Manifest::accumulators).orElse(List.of()));
    Written written = resultOf(Procedure.run(WriteFact.result(mine, result, 1), names));
    // One that cannot be read stays: without it, the job would begin anew for whoever comes next.
    boolean there =
        written.verdict() == Written.Verdict.DONE || written.verdict() == Written.Verdict.CONFLICT;
    if (!there) {
      throw new IOException(written.detail());
    }
    result
        .failure()
        .ifPresent(failure -> LOG.warn("job {} is {}: {}", spec.job(), status, failure.headline()));
    return tidied(result, store, spec, mine, job);
  }

  /** Deletes what the JobManager would have deleted once the job had ended so. */
  private static JobResult tidied(
      JobResult result, CheckpointStore store, JobSpec spec, Epoch mine, ClaimedJob job)
      throws IOException {
    Optional<RestoreFrom> given = spec.restoreFrom().filter(RestoreFrom::claimed);
    if (given.isPresent() && (result.status() == JobStatus.FINISHED || job.newest().isPresent())) {
      FindCheckpoint.Place place = FindCheckpoint.Place.of(given.get().path());
      Step<Integer> dropped =
          Procedure.run(new DropClaimed(place.checkpoint()), store.names(place.directory()));
      if (dropped instanceof Step.Failed<Integer> failed) {
        // The job is settled all the same, and may lie elsewhere.
        LOG.warn(
            "what job {} started from is not needed any more; delete {} by hand: {}",
            spec.job(),
            given.get().path(),
            failed.reason());
      }
    }
    DurableNames names = store.names(store.directoryOf(spec.job()));
    // Nobody wished the end of a job that was killed without a decision.
    boolean wished = job.intent().isPresent() || result.status() == JobStatus.FINISHED;
    var retention = Retention.of(new Configuration(spec.graph().settings()));
    if (result.settled() && wished && !retention.keeps(result.status())) {
      resultOf(Procedure.run(new DiscardAll(mine), names));
    } else if (job.damaged().isEmpty()) {
      List<Manifest> kept = job.manifests().stream().map(RetainedManifest::manifest).toList();
      resultOf(Procedure.run(new DropUnfinished(mine, kept), names));
    }
    return result;
  }

  /**
   * Takes the docket of a cluster that is gone for good above everybody, so that none of its
   * JobManagers accepts a job any more.
   *
   * @param owner unique for each call
   * @return the jobs that it was given, each still to be cleaned
   * @throws IOException if the store fails, somebody else claims, or a submission is damaged
   */
  public static List<JobSpec> takeDocket(
      CheckpointStore store, String docket, String owner, long wallMillis) throws IOException {
    DurableNames names = store.names(docket);
    Epoch mine = new Epoch(highestAttempt(names) + 1, 1);
    Claim.Result<ClaimedDocket> claim =
        resultOf(Procedure.run(Claim.ofDocket(mine, owner, wallMillis, Optional.empty()), names));
    if (!(claim instanceof Claim.Claimed<ClaimedDocket> claimed)) {
      throw new IOException(
          docket + " is claimed by " + ((Claim.Superseded<ClaimedDocket>) claim).by());
    }
    return claimed.inherited().submissions().stream().map(Submission::spec).toList();
  }

  private static int highestAttempt(DurableNames names) throws IOException {
    int highest = 0;
    for (String folder : List.of(JobDirectory.CLAIMS, JobDirectory.EPOCHS)) {
      for (DurableNames.Entry entry : names.list(folder)) {
        highest =
            Math.max(highest, JobDirectory.epochOf(entry.name()).map(Epoch::attempt).orElse(0));
      }
    }
    return highest;
  }

  private static <R> R claimOf(Step<R> step, String directory) throws IOException {
    if (step instanceof Step.Failed<R> failed) {
      throw new IOException(directory + ": " + failed.reason());
    }
    return resultOf(step);
  }

  private static <R> R resultOf(Step<R> step) throws IOException {
    if (step instanceof Step.Done<R> done) {
      return done.result();
    }
    throw new IOException(((Step.Failed<R>) step).reason());
  }

  private List<Vertex> sinks() {
    return graph.vertices().stream().filter(v -> v.role() == Vertex.Role.SINK).toList();
  }

  private Sink<?> open(Vertex vertex) {
    return (Sink<?>) vertex.code().open(loader);
  }

  private Sink.Scope scope(Vertex vertex) {
    return new Sink.Scope(vertex.uid(), job.hex(), lineage, loader);
  }

  private static List<byte[]> promised(Manifest manifest, String uid) {
    var all = new ArrayList<Committable>();
    for (SubtaskState state : manifest.states()) {
      if (state.uid().equals(uid)) {
        all.addAll(state.committables());
      }
    }
    all.sort(Comparator.comparingLong(Committable::checkpoint));
    return all.stream().map(Committable::bytes).toList();
  }
}
