package io.millrace.runtime.checkpoint;

import java.util.Optional;

/**
 * What a stopped job's savepoint lacks of the state that its last manifest says is there; empty if
 * nothing. {@link FindCheckpoint} does not look: it knows the job's directory only.
 */
public final class CheckSavepoint extends Steps<Optional<String>> {
  private final Manifest manifest;

  /** To be run in the directory of the savepoint. */
  public CheckSavepoint(Manifest manifest) {
    this.manifest = manifest;
  }

  @Override
  public Step<Optional<String>> start() {
    return list(
        JobDirectory.DATA,
        found -> {
          try {
            new StateFiles(found).check(manifest);
            return new Step.Done<>(Optional.empty());
          } catch (DamagedFactException e) {
            return new Step.Done<>(Optional.of(e.getMessage()));
          }
        });
  }
}
