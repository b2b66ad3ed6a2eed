package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
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
  private Optional<Rollback> rollback = Optional.empty();
  private Optional<Intent> intent = Optional.empty();
  private Optional<JobResult> result = Optional.empty();

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
        new ReadManifests(names),
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
    if (JobDirectory.checkpointOf(name).isPresent()) {
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
            enter(name, content.get());
          } catch (DamagedFactException e) {
            return new Step.Failed<>(path + " " + e.getMessage());
          }
          return readFrom(index + 1);
        });
  }

  private void enter(String name, byte[] content) throws DamagedFactException {
    if (JobDirectory.generationOf(name).isPresent()) {
      enterDeployment(content);
    } else if (JobDirectory.rollbackOf(name).isPresent()) {
      rollback = Optional.of(Facts.decode(Rollback.class, content));
    } else if (name.equals(JobDirectory.INTENT)) {
      intent = Optional.of(Facts.decode(Intent.class, content));
    } else if (name.equals(JobDirectory.RESULT)) {
      result = Optional.of(Facts.decode(JobResult.class, content));
    } else if (JobDirectory.crashOf(name).isPresent()) {
      enterCrash(content);
    }
  }

  /**
   * Tasks that nobody can name must not run on unknown; but whoever only settles wants no more of
   * it than the checkpoints say too.
   */
  private void enterDeployment(byte[] content) throws DamagedFactException {
    try {
      deployment = Optional.of(Facts.decode(DeploymentRecord.class, content));
    } catch (DamagedFactException e) {
      if (runs || manifests.intact().isEmpty()) {
        throw e;
      }
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

  private ClaimedJob job() {
    long highest =
        Math.max(
            Math.max(
                Math.max(manifests.checkpoint(), highestDropped),
                rollback.map(Rollback::upTo).orElse(0L)),
            deployment.map(DeploymentRecord::highestCheckpoint).orElse(0L));
    return new ClaimedJob(
        mine,
        manifests.intact(),
        manifests.damaged(),
        deployment,
        crashes,
        rollback,
        intent,
        result,
        highest);
  }
}
