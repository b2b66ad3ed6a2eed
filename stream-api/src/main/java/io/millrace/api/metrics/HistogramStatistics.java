package io.millrace.api.metrics;

import java.util.Arrays;
import java.util.stream.LongStream;

/** Of some values, as they were when it was made. */
public final class HistogramStatistics {
  private final long[] sorted;

  private HistogramStatistics(long[] sorted) {
    this.sorted = sorted;
  }

  /** In any order; copied. */
  public static HistogramStatistics of(long... values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return new HistogramStatistics(sorted);
  }

  /**
   * The smallest value that at least this part of all values does not exceed (the nearest rank); 0
   * without values.
   *
   * @param quantile from 0 to 1
   */
  public double getQuantile(double quantile) {
    if (!(quantile >= 0 && quantile <= 1)) {
      throw new IllegalArgumentException("a quantile is from 0 to 1, found " + quantile);
    }
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(quantile * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  /** Sorted. */
  public long[] getValues() {
    return sorted.clone();
  }

  public int size() {
    return sorted.length;
  }

  /** 0 without values. */
  public double getMean() {
    return LongStream.of(sorted).average().orElse(0);
  }

  /** Of the values as a sample: the root of the squares' sum over n - 1; 0 for less than two. */
  public double getStdDev() {
    double mean = getMean();
    double squares = LongStream.of(sorted).mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return sorted.length < 2 ? 0 : Math.sqrt(squares / (sorted.length - 1));
  }

  /** 0 without values. */
  public long getMax() {
    return sorted.length == 0 ? 0 : sorted[sorted.length - 1];
  }

  /** 0 without values. */
  public long getMin() {
    return sorted.length == 0 ? 0 : sorted[0];
  }
}
