package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the facts that a claimer has moved into its epoch of a job. */
final class ReadJob extends Steps<ClaimedJob> {
  private final Epoch mine;
  private final List<String> facts;
  private final long highestDropped;
  private final boolean runs;

  private ReadManifests.Found manifests;
  private final List<Crash> crashes = new ArrayList<>();
  private Optional<DeploymentRecord> deployment = Optional.empty();
  private Restarts restarts = Restarts.NONE;
  private Optional<Rollback> rollback = Optional.empty();
  private Optional<Intent> intent = Optional.empty();
  private Optional<JobResult> result = Optional.empty();
  private Optional<String> unreadableEnd = Optional.empty();

  /**
   * @param facts their names
   * @param highestDropped the highest id of a checkpoint that was given up
   * @param runs whether the job is to run on
   */
  ReadJob(Epoch mine, List<String> facts, long highestDropped, boolean runs) {
    this.mine = mine;
    this.facts = facts;
    this.highestDropped = highestDropped;
    this.runs = runs;
  }

  @Override
  public Step<ClaimedJob> start() {
    var names = new ArrayList<String>();
    for (String fact : facts) {
      if (JobDirectory.checkpointOf(fact).isPresent()) {
        names.add(JobDirectory.inEpoch(mine, fact));
      }
    }
    return through(
        ReadManifests.ofOwn(names),
        found -> {
          manifests = found;
          return readFrom(0);
        });
  }

  private Step<ClaimedJob> readFrom(int index) {
    if (index == facts.size()) {
      return new Step.Done<>(job());
    }
    String name = facts.get(index);
    if (JobDirectory.checkpointOf(name).isPresent() || name.equals(JobDirectory.CHECKPOINTED)) {
      return readFrom(index + 1);
    }
    String path = JobDirectory.inEpoch(mine, name);
    return read(
        path,
        content -> {
          if (content.isEmpty()) {
            return new Step.Failed<>(path + " is gone");
          }
          try {
            enter(name, path, content.get());
          } catch (DamagedFactException e) {
            return new Step.Failed<>(path + " " + e.getMessage() + remedy(name));
          }
          return readFrom(index + 1);
        });
  }

  /** What to do about a file that must be readable, as the end of a sentence. */
  private String remedy(String name) {
    if (JobDirectory.rollbackOf(name).isPresent()) {
      return Rollback.IF_DAMAGED;
    } else if (runs) {
      return "; which tasks may run still is not known: kill the application, then millrace clean"
          + " settles the job, and run -s goes on from its newest checkpoint";
    }
    return "; nothing else says where its output waits if the job continues another: delete the"
        + " file by hand to settle it as one that does not";
  }

  private void enter(String name, String path, byte[] content) throws DamagedFactException {
    if (JobDirectory.generationOf(name).isPresent()) {
      enterDeployment(content);
    } else if (JobDirectory.rollbackOf(name).isPresent()) {
      rollback = Optional.of(Facts.decode(Rollback.class, content));
    } else if (name.equals(JobDirectory.INTENT)) {
      intent = decodeEnd(Intent.class, path, content);
    } else if (name.equals(JobDirectory.RESULT)) {
      result = decodeEnd(JobResult.class, path, content);
    } else if (JobDirectory.crashOf(name).isPresent()) {
      enterCrash(content);
    } else if (JobDirectory.restartsOf(name).isPresent()) {
      enterRestarts(JobDirectory.restartsOf(name).getAsLong(), content);
    }
  }

  /**
   * Tasks that nobody can name must not run on unknown; but whoever only settles wants no more of
   * it than the checkpoints say too.
   */
  private void enterDeployment(byte[] content) throws DamagedFactException {
    try {
      DeploymentRecord record = Facts.decode(DeploymentRecord.class, content);
      deployment = Optional.of(record);
      count(new Restarts(record.restarts(), record.failuresWallMillis()));
    } catch (DamagedFactException e) {
      if (runs || manifests.intact().isEmpty()) {
        throw e;
      }
    }
  }

  /** That there is such a file says that the job ends; only how is lost if it cannot be read. */
  private <F extends Fact> Optional<F> decodeEnd(Class<F> type, String path, byte[] content) {
    try {
      return Optional.of(Facts.decode(type, content));
    } catch (DamagedFactException e) {
      unreadableEnd = Optional.of(path + " " + e.getMessage());
      return Optional.empty();
    }
  }

  /** One that cannot be read is as good as none: nobody may be kept from recovery by it. */
  private void enterCrash(byte[] content) {
    try {
      crashes.add(Facts.decode(Crash.class, content));
    } catch (DamagedFactException e) {
      crashes.clear();
    }
  }

  /** Nobody may be kept from recovery by one that cannot be read; its name says the most of it. */
  private void enterRestarts(long number, byte[] content) {
    try {
      count(Facts.decode(Restarts.class, content));
    } catch (DamagedFactException e) {
      count(new Restarts((int) number, restarts.failuresWallMillis()));
    }
  }

  private void count(Restarts known) {
    if (known.count() > restarts.count()) {
      restarts = known;
    }
  }

  private ClaimedJob job() {
    long highest =
        Math.max(
            Math.max(
                Math.max(manifests.checkpoint(), highestDropped),
                rollback.map(Rollback::upTo).orElse(0L)),
            deployment.map(DeploymentRecord::highestCheckpoint).orElse(0L));
    var job =
        new ClaimedJob(
            mine,
            manifests.intact(),
            manifests.damaged(),
            facts.contains(JobDirectory.CHECKPOINTED),
            deployment,
            restarts,
            crashes,
            rollback,
            intent,
            result,
            highest);
    boolean known = intent.isPresent() || result.isPresent() || job.isComplete();
    return unreadableEnd.isEmpty() || known ? job : job.ending(somehow(unreadableEnd.get()));
  }

  /**
   * Whatever was decided or had come to pass, the job must not run on. To fail is what keeps most
   * of its checkpoints, and settling once more does no harm.
   */
  private static Intent somehow(String unreadable) {
    return new Intent(JobStatus.FAILED, Optional.of(JobResult.unknown(unreadable)), 0);
  }
}
