package io.millrace.api.operator;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;

/** The periods of watermark generators. */
final class Ticks {
  private final long periodMillis;
  private long lastMillis;
  private long nextMillis;

  /** As long as the settings say; without any end if that is 0. */
  Ticks(long nowMillis, Configuration settings) {
    periodMillis = settings.get(JobSettings.WATERMARK_INTERVAL).toMillis();
    lastMillis = nowMillis;
    nextMillis = periodMillis == 0 ? Long.MAX_VALUE : nowMillis + periodMillis;
  }

  /** The monotonic time of the next period's end. */
  long nextMillis() {
    return nextMillis;
  }

  boolean areNone() {
    return nextMillis == Long.MAX_VALUE;
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
    nextMillis = nowMillis + periodMillis;
    return Math.min(elapsed, 2 * periodMillis);
  }

  void stop() {
    nextMillis = Long.MAX_VALUE;
  }
}
