package io.millrace.api.metrics;

import java.util.Arrays;

/** Remembers the last values, all others only in their number. */
public final class DescriptiveStatisticsHistogram implements Histogram {
  private final long[] last;
  private long count;

  /**
   * @param windowSize values that are remembered, 1 to 1,000,000; each takes 8 bytes
   */
  public DescriptiveStatisticsHistogram(int windowSize) {
    if (windowSize < 1 || windowSize > 1_000_000) {
      throw new IllegalArgumentException(
          "a histogram remembers 1 to 1000000 values, found " + windowSize);
    }
    last = new long[windowSize];
  }

  @Override
  public void update(long value) {
    last[(int) (count++ % last.length)] = value;
  }

  @Override
  public long getCount() {
    return count;
  }

  @Override
  public HistogramStatistics getStatistics() {
    return HistogramStatistics.of(Arrays.copyOf(last, (int) Math.min(count, last.length)));
  }
}
