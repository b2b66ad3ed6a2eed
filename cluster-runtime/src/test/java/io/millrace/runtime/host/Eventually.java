package io.millrace.runtime.host;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do, longer than they need on a machine that is busy. */
final class Eventually {
  static void holds(String what, BooleanSupplier condition) {
    holds(what, Duration.ofSeconds(60), condition);
  }

  static void holds(String what, Duration within, BooleanSupplier condition) {
    long end = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + within + ": " + what);
      }
      java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
    }
  }

  private Eventually() {}
}
