package io.millrace.simulator;

import java.util.SplittableRandom;

/**
 * Offloaded work that stands still for longer than others, which its process may give up before.
 *
 * @param millis until it goes on
 * @param beforeEffect whether it has had no effect until then; otherwise only its answer is late
 */
record Hang(long millis, boolean beforeEffect) {
  private static final long FOR_EVER = Long.MAX_VALUE;

  static Hang forEver(boolean beforeEffect) {
    return new Hang(FOR_EVER, beforeEffect);
  }

  /** For longer than some lanes have patience, or for less, or for ever. */
  static Hang draw(SplittableRandom chance) {
    boolean beforeEffect = chance.nextBoolean();
    return switch (chance.nextInt(4)) {
      case 0 -> forEver(beforeEffect);
      case 1 -> new Hang(3_000 + chance.nextInt(20_000), beforeEffect);
      default -> new Hang(60_000 + chance.nextInt(300_000), beforeEffect);
    };
  }

  boolean ends() {
    return millis != FOR_EVER;
  }

  /** Whether it has its effect at all. */
  boolean hasEffect() {
    return ends() || !beforeEffect;
  }
}
