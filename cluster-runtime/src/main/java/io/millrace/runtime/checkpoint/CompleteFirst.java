package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;

/**
 * Completes a checkpoint, and says then that the job has completed one ({@link Checkpointed}). In
 * this order: the other way round a job might have had a checkpoint that never was. What comes of
 * it is what came of the manifest; that nothing could be said beside it is no reason to give up a
 * checkpoint that is complete.
 */
public final class CompleteFirst extends Steps<Written> {
  private final WriteFact manifest;
  private final WriteFact milestone;

  /**
   * @param unique among all writes in this epoch, as is the number after it
   */
  public CompleteFirst(Epoch epoch, Manifest manifest, long unique) {
    this.manifest = WriteFact.manifest(epoch, manifest, unique);
    this.milestone = WriteFact.checkpointed(epoch, manifest.checkpoint(), unique + 1);
  }

  @Override
  public Step<Written> start() {
    return through(
        manifest,
        written ->
            written.verdict() == Written.Verdict.DONE
                ? through(
                    milestone, said -> new Step.Done<>(written), reason -> new Step.Done<>(written))
                : new Step.Done<>(written));
  }
}
