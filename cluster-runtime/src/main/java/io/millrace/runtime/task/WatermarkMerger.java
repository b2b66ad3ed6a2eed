package io.millrace.runtime.task;

import io.millrace.api.operator.Timestamps;
import java.util.Arrays;

/** Event time of several channels: the minimum over those that are neither idle nor ended. */
final class WatermarkMerger {
  private final long[] watermarks;
  private final boolean[] idle;
  private final boolean[] ended;
  private long merged = Timestamps.MIN_WATERMARK;
  private boolean allIdle;

  WatermarkMerger(int channels) {
    watermarks = new long[channels];
    Arrays.fill(watermarks, Timestamps.MIN_WATERMARK);
    idle = new boolean[channels];
    ended = new boolean[channels];
  }

  /** A watermark also says that its channel is not idle any more. */
  void watermark(int channel, long watermark) {
    watermarks[channel] = Math.max(watermarks[channel], watermark);
    idle[channel] = false;
  }

  /** What the channel has brought so far. */
  long of(int channel) {
    return watermarks[channel];
  }

  void idle(int channel, boolean isIdle) {
    idle[channel] = isIdle;
  }

  void ended(int channel) {
    ended[channel] = true;
  }

  /** Whether {@link #merged} has advanced since the last call. */
  boolean advance() {
    long minimum = Timestamps.MAX_WATERMARK;
    boolean anyActive = false;
    for (int i = 0; i < watermarks.length; i++) {
      if (!idle[i] && !ended[i]) {
        anyActive = true;
        minimum = Math.min(minimum, watermarks[i]);
      }
    }
    if (!anyActive || minimum <= merged) {
      return false;
    }
    merged = minimum;
    return true;
  }

  long merged() {
    return merged;
  }

  /** Whether {@link #allIdle} has changed since the last call. */
  boolean idleChanged() {
    boolean anyIdle = false;
    boolean anyActive = false;
    for (int i = 0; i < idle.length; i++) {
      anyIdle |= idle[i] && !ended[i];
      anyActive |= !idle[i] && !ended[i];
    }
    boolean now = anyIdle && !anyActive;
    boolean changed = now != allIdle;
    allIdle = now;
    return changed;
  }

  /** Whether every channel that has not ended is idle. */
  boolean allIdle() {
    return allIdle;
  }
}
