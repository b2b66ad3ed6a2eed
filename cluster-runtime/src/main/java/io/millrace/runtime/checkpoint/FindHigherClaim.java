package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.Optional;

/** Asks the claims folder, as a witness, whether anybody has claimed above the own epoch. */
public final class FindHigherClaim extends Steps<Optional<Epoch>> {
  private final Epoch mine;

  public FindHigherClaim(Epoch mine) {
    this.mine = mine;
  }

  @Override
  public Step<Optional<Epoch>> start() {
    return list(
        JobDirectory.CLAIMS,
        claims ->
            new Step.Done<>(
                claims.stream()
                    .flatMap(entry -> JobDirectory.epochOf(entry.name()).stream())
                    .filter(epoch -> epoch.compareTo(mine) > 0)
                    .findFirst()));
  }
}
