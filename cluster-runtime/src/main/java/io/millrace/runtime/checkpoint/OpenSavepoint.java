package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.OptionalLong;

/**
 * Sees whether a savepoint of that name is whole already, which is what it comes to; else makes its
 * directories, so that one that cannot be written is found out before anything is stopped for it.
 */
public final class OpenSavepoint extends Steps<Boolean> {
  private final Epoch epoch;

  public OpenSavepoint(Epoch epoch) {
    this.epoch = epoch;
  }

  @Override
  public Step<Boolean> start() {
    return through(
        new FindCheckpoint(OptionalLong.empty()),
        found ->
            found.intact().isEmpty()
                ? insist(
                    new NameOp.Mkdir(JobDirectory.DATA),
                    data ->
                        insist(
                            new NameOp.Mkdir(JobDirectory.open(epoch)),
                            made -> new Step.Done<>(false)))
                : new Step.Done<>(true));
  }
}
