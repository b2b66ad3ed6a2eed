package io.millrace.api.operator;

/** The periods of watermark generators. */
final class Ticks {
  private long lastMillis;
  private long nextMillis;

  Ticks(long nowMillis) {
    lastMillis = nowMillis;
    nextMillis = nowMillis + Progression.PERIOD_MILLIS;
  }

  /** The monotonic time of the next period's end. */
  long nextMillis() {
    return nextMillis;
  }

  boolean due(long nowMillis) {
    return nowMillis >= nextMillis;
  }

  /**
   * Ends a period.
   *
   * @return how long records could have come in it; nobody ends periods while the task is held up,
   *     and what is held up is not quiet
   */
  long elapsedMillis(long nowMillis) {
    long elapsed = nowMillis - lastMillis;
    lastMillis = nowMillis;
    nextMillis = nowMillis + Progression.PERIOD_MILLIS;
    return Math.min(elapsed, 2 * Progression.PERIOD_MILLIS);
  }

  void stop() {
    nextMillis = Long.MAX_VALUE;
  }
}
