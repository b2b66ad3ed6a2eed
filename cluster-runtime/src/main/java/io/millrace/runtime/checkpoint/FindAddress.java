package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.Optional;

/** Asks a job's directory whether a higher epoch is open, and where whoever holds it is. */
public final class FindAddress extends Steps<Optional<ControlAddress>> {
  private final Epoch above;

  public FindAddress(Epoch above) {
    this.above = above;
  }

  @Override
  public Step<Optional<ControlAddress>> start() {
    return list(
        JobDirectory.EPOCHS,
        epochs -> {
          Optional<Epoch> highest =
              epochs.stream()
                  .flatMap(entry -> JobDirectory.openEpochOf(entry.name()).stream())
                  .filter(epoch -> epoch.compareTo(above) > 0)
                  .max(Epoch::compareTo);
          return highest.isEmpty() ? new Step.Done<>(Optional.empty()) : readIn(highest.get());
        });
  }

  /** It may not be there yet, or be sealed already: whoever asks will ask again. */
  private Step<Optional<ControlAddress>> readIn(Epoch epoch) {
    return read(
        JobDirectory.inEpoch(epoch, JobDirectory.ADDRESS),
        content -> {
          try {
            return new Step.Done<>(
                Optional.of(Facts.decode(ControlAddress.class, content.orElse(new byte[0]))));
          } catch (DamagedFactException e) {
            return new Step.Done<>(Optional.empty());
          }
        });
  }
}
