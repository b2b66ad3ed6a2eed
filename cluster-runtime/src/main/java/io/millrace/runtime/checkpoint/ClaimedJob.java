package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.Optional;

/**
 * What a claimer takes over.
 *
 * @param manifests newest first, each checked
 * @param damaged newest first: manifests that cannot be used
 * @param checkpointed whether it has completed a checkpoint of its own, whatever there is of it now
 * @param deployment of the newest generation
 * @param restarts as far as they are known
 * @param crashes the last {@link #CRASHES_KEPT} that are known, oldest first
 * @param rollback the last one of the job
 * @param intent an end that was decided but not finished, or is not known to be
 * @param result present if the job is known to have ended
 * @param highestCheckpoint no new checkpoint may have an id up to this
 */
public record ClaimedJob(
    Epoch epoch,
    List<RetainedManifest> manifests,
    List<DamagedManifest> damaged,
    boolean checkpointed,
    Optional<DeploymentRecord> deployment,
    Restarts restarts,
    List<Crash> crashes,
    Optional<Rollback> rollback,
    Optional<Intent> intent,
    Optional<JobResult> result,
    long highestCheckpoint) {
  static final int CRASHES_KEPT = 2;

  public ClaimedJob {
    crashes = List.copyOf(crashes);
    manifests = List.copyOf(manifests);
    damaged = List.copyOf(damaged);
  }

  /**
   * Why this job must not be recovered once more: the last recoveries ended in a crash each, and no
   * checkpoint has completed since the first of them.
   */
  public Optional<Crash> quarantine() {
    long newest =
        Math.max(
            manifests.isEmpty() ? 0 : manifests.get(0).manifest().checkpoint(),
            damaged.isEmpty() ? 0 : damaged.get(0).checkpoint());
    boolean again =
        crashes.size() == CRASHES_KEPT
            && crashes.stream().allMatch(crash -> crash.checkpoint() >= newest);
    return again ? Optional.of(crashes.get(crashes.size() - 1)) : Optional.empty();
  }

  /** Whether nothing says that tasks of the job have ever been deployed, or that it is to end. */
  public boolean isBlank() {
    return hasNoCheckpoint() && deployment.isEmpty() && intent.isEmpty() && result.isEmpty();
  }

  /** Whether there is no checkpoint, neither intact nor damaged. */
  public boolean hasNoCheckpoint() {
    return manifests.isEmpty() && damaged.isEmpty();
  }

  /** Whether nothing follows its newest checkpoint. */
  public boolean isComplete() {
    return newest().map(newest -> newest.manifest().last()).orElse(false);
  }

  /** The same job, which is to end so. */
  ClaimedJob ending(Intent so) {
    return new ClaimedJob(
        epoch,
        manifests,
        damaged,
        checkpointed,
        deployment,
        restarts,
        crashes,
        rollback,
        Optional.of(so),
        result,
        highestCheckpoint);
  }

  /** The newest manifest if nothing newer is damaged. */
  public Optional<RetainedManifest> newest() {
    boolean newestIntact =
        !manifests.isEmpty()
            && (damaged.isEmpty()
                || damaged.get(0).checkpoint() < manifests.get(0).manifest().checkpoint());
    return newestIntact ? Optional.of(manifests.get(0)) : Optional.empty();
  }
}
