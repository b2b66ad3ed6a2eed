package io.millrace.runtime.checkpoint;

import java.util.List;
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
        made -> list(JobDirectory.TMP, left -> write(draftsOf(left))));
  }

  /**
   * Tries that failed may have left half a file each, and nobody knows how often others have tried.
   *
   * @param left of those, all of which have names that come before the next ones
   */
  private Step<Written> write(List<String> left) {
    return through(
        WriteFact.manifest(manifest.epoch(), manifest, left.size()),
        written ->
            written.verdict() == Written.Verdict.DONE
                ? tidy(left, written)
                : new Step.Done<>(written));
  }

  private List<String> draftsOf(List<DurableNames.Entry> entries) {
    String name = "-" + JobDirectory.manifest(manifest.checkpoint()) + ".";
    return entries.stream()
        .map(DurableNames.Entry::name)
        .filter(entry -> entry.contains(name))
        .map(entry -> JobDirectory.TMP + "/" + entry)
        .toList();
  }

  /** What cannot be deleted does no harm. */
  private Step<Written> tidy(List<String> left, Written written) {
    return left.isEmpty()
        ? new Step.Done<>(written)
        : once(
            new NameOp.Delete(left.get(0)), deleted -> tidy(left.subList(1, left.size()), written));
  }
}
