package io.millrace.api.window;

import java.time.Duration;

/** Checks of lengths of time that a program hands in. */
final class Lengths {
  /** In milliseconds, at least 1. */
  static long positive(String what, Duration length) {
    long millis = length.toMillis();
    if (millis < 1) {
      throw new IllegalArgumentException(what + " must be at least 1 ms, found " + length);
    }
    return millis;
  }

  /** In milliseconds, nearer to 0 than the distance from one window's start to the next. */
  static long offset(Duration offset, long periodMillis) {
    long millis = offset.toMillis();
    if (Math.abs(millis) >= periodMillis) {
      throw new IllegalArgumentException(
          "the offset must be less than the "
              + periodMillis
              + " ms from one window to the next, found "
              + offset);
    }
    return millis;
  }

  private Lengths() {}
}
