package io.millrace.api.eventtime;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * How far a source may run ahead of others in event time.
 *
 * @param maxAllowedWatermarkDrift milliseconds that a split's watermark may be ahead of the lowest
 *     watermark of the group
 * @param watermarkGroup the sources of a job that wait for each other; empty: it waits for nobody
 * @param updateInterval milliseconds between two times at which a reader says how far it has come,
 *     and learns how far its group has
 */
public record WatermarkAlignmentParams(
    long maxAllowedWatermarkDrift, String watermarkGroup, long updateInterval)
    implements Serializable {
  /** Of sources that wait for nobody. */
  public static final WatermarkAlignmentParams WATERMARK_ALIGNMENT_DISABLED =
      new WatermarkAlignmentParams(Long.MAX_VALUE, "", 0);

  static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(1);

  private static final int LONGEST_GROUP = 200;

  static WatermarkAlignmentParams of(String group, Duration maxDrift, Duration updateInterval) {
    if (Objects.requireNonNull(group, "watermark group").isBlank()
        || group.length() > LONGEST_GROUP) {
      throw new IllegalArgumentException(
          "a watermark group needs 1 to " + LONGEST_GROUP + " characters, found '" + group + "'");
    }
    if (maxDrift.isNegative()) {
      throw new IllegalArgumentException(
          "the drift allowed in the watermark group '"
              + group
              + "' must be at least 0, found "
              + maxDrift);
    }
    if (updateInterval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the update interval of the watermark group '"
              + group
              + "' must be at least 1 ms, found "
              + updateInterval);
    }
    return new WatermarkAlignmentParams(maxDrift.toMillis(), group, updateInterval.toMillis());
  }

  public boolean isEnabled() {
    return !watermarkGroup.isEmpty();
  }

  public String getWatermarkGroup() {
    return watermarkGroup;
  }

  public long getMaxAllowedWatermarkDrift() {
    return maxAllowedWatermarkDrift;
  }

  public long getUpdateInterval() {
    return updateInterval;
  }
}
