package io.millrace.runtime.checkpoint;

import java.util.Optional;

/**
 * Makes a savepoint whole: writes its manifest into its own directory, where all its state files
 * are already. A savepoint's directory is laid out like a job's, so whoever finds checkpoints finds
 * it too. May be repeated, by a successor as well.
 */
public final class KeepSavepoint extends Steps<Written> {
  private final Manifest manifest;

  /**
   * @param taken with names relative to the savepoint's directory
   */
  public KeepSavepoint(Manifest taken) {
    this.manifest =
        new Manifest(
            taken.job(),
            taken.lineage(),
            taken.epoch(),
            taken.generation(),
            taken.checkpoint(),
            taken.wallMillis(),
            false,
            taken.states(),
            Optional.empty(),
            taken.operators());
  }

  @Override
  public Step<Written> start() {
    return insist(
        new NameOp.Mkdir(JobDirectory.open(manifest.epoch())),
        made ->
            through(
                WriteFact.manifest(manifest.epoch(), manifest, manifest.checkpoint()),
                Step.Done::new));
  }
}
