package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.Optional;

/** Asks the claims folder, as a witness, whether anybody has claimed above the own epoch. */
public final class FindHigherClaim extends Steps<FindHigherClaim.Standing> {
  private final Epoch mine;

  /** How the own claim stands. */
  public sealed interface Standing {
    /** Of the claim above the own one, if there is one. */
    default Optional<Epoch> higher() {
      return this instanceof Outdone outdone ? Optional.of(outdone.by()) : Optional.empty();
    }
  }

  /** Nobody has claimed since. */
  public record Highest() implements Standing {}

  public record Outdone(Epoch by) implements Standing {}

  /**
   * It is not there, and no higher one either. Only a higher claimer takes a claim away, so what
   * was in the directory has been deleted by somebody who claims nothing.
   */
  public record Erased() implements Standing {}

  public FindHigherClaim(Epoch mine) {
    this.mine = mine;
  }

  @Override
  public Step<Standing> start() {
    return list(
        JobDirectory.CLAIMS,
        claims -> {
          Optional<Epoch> highest =
              claims.stream()
                  .flatMap(entry -> JobDirectory.epochOf(entry.name()).stream())
                  .max(Epoch::compareTo)
                  .filter(epoch -> epoch.compareTo(mine) >= 0);
          if (highest.isEmpty()) {
            return new Step.Done<>(new Erased());
          }
          return new Step.Done<>(
              highest.get().equals(mine) ? new Highest() : new Outdone(highest.get()));
        });
  }
}
