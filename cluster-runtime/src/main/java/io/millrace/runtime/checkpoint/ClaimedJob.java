package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.Optional;

/**
 * What a claimer takes over.
 *
 * @param manifests newest first, each checked
 * @param damaged newest first: manifests that cannot be used
 * @param deployment of the newest generation
 * @param intent an end that was decided but not finished
 * @param result present if the job has ended
 * @param highestCheckpoint no new checkpoint may have an id up to this
 */
public record ClaimedJob(
    Epoch epoch,
    List<RetainedManifest> manifests,
    List<DamagedManifest> damaged,
    Optional<DeploymentRecord> deployment,
    Optional<Intent> intent,
    Optional<JobResult> result,
    long highestCheckpoint) {
  public ClaimedJob {
    manifests = List.copyOf(manifests);
    damaged = List.copyOf(damaged);
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
