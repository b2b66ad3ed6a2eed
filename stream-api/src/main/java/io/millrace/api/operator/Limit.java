package io.millrace.api.operator;

import io.millrace.api.eventtime.WatermarkAlignmentParams;

/**
 * How far a split may be read in event time.
 *
 * @param watermark the highest that a split may have and still be read
 */
record Limit(long watermark) {
  static final Limit NONE = new Limit(Timestamps.MAX_WATERMARK);

  /**
   * @param lowest the lowest watermark of the group; the highest there is if nobody is in it
   */
  static Limit of(long lowest, WatermarkAlignmentParams alignment) {
    return lowest == Timestamps.MAX_WATERMARK
        ? NONE
        : new Limit(plus(lowest, alignment.maxAllowedWatermarkDrift()));
  }

  /**
   * Whether a split is too far. Between two watermarks it is taken to advance as its timestamps do.
   * One without a watermark yet may always be read a little more: it may take some records until it
   * has one, and everybody waits for that.
   *
   * @param then highest timestamp when the watermark was looked at last
   * @param highest timestamp now
   */
  boolean isPassed(long ofSplit, long then, long highest) {
    long since = highest <= then ? 0 : minus(highest, then);
    if (ofSplit == Timestamps.MIN_WATERMARK) {
      return since > 0 && highest > watermark;
    }
    return plus(ofSplit, since) > watermark;
  }

  /** Of which the second is at least 0. */
  private static long plus(long time, long more) {
    long sum = time + more;
    return sum < time ? Long.MAX_VALUE : sum;
  }

  /** Of which the first is the larger. */
  private static long minus(long time, long less) {
    long difference = time - less;
    return difference < 0 ? Long.MAX_VALUE : difference;
  }
}
