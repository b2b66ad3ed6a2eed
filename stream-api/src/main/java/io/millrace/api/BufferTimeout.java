package io.millrace.api;

import java.time.Duration;

/** How long a record may wait for its batch to fill. */
final class BufferTimeout {
  /** Batches go earlier whenever their operator has nothing else to do. */
  private static final Duration LONGEST = Duration.ofDays(1);

  /**
   * @param millis -1 for as long as its operator is busy
   */
  static Duration ofMillis(long millis) {
    if (millis == -1) {
      return LONGEST;
    }
    if (millis < -1 || millis > LONGEST.toMillis()) {
      throw new IllegalArgumentException(
          "the buffer timeout must be -1 or 0 to " + LONGEST.toMillis() + " ms, found " + millis);
    }
    return Duration.ofMillis(millis);
  }

  private BufferTimeout() {}
}
