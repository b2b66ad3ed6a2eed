package io.millrace.runtime.task;

import io.millrace.api.operator.Timestamps;
import java.util.Arrays;

/**
 * Event time of several channels: the minimum over those that are neither idle nor ended. A channel
 * that wakes up behind what was told meanwhile is left out until it has caught up, so that one that
 * has slept does not hold up the others; its records may be late. Once nobody is left but idle
 * channels, event time is the highest of theirs, whichever fell asleep first.
 */
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
    long lowest = Timestamps.MAX_WATERMARK;
    long highestIdle = Timestamps.MIN_WATERMARK;
    boolean anyLeft = false;
    boolean anyActive = false;
    boolean anyAbreast = false;
    for (int i = 0; i < watermarks.length; i++) {
      // The last watermark of all says that the end comes next. It is not that of the others.
      if (ended[i] || watermarks[i] == Timestamps.MAX_WATERMARK) {
        continue;
      }
      anyLeft = true;
      if (idle[i]) {
        highestIdle = Math.max(highestIdle, watermarks[i]);
        continue;
      }
      anyActive = true;
      // While a channel takes part, nothing is told beyond it: it has slept if it is behind.
      if (watermarks[i] >= merged) {
        anyAbreast = true;
        lowest = Math.min(lowest, watermarks[i]);
      }
    }
    if (anyActive && !anyAbreast) {
      return false;
    }
    long now = anyActive || !anyLeft ? lowest : highestIdle;
    if (now <= merged) {
      return false;
    }
    merged = now;
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
