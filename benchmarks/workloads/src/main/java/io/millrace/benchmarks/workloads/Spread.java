package io.millrace.benchmarks.workloads;

import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What several runs came to, as text with three digits. */
public final class Spread {
  /** Median, minimum and maximum; of an even number the lower one in the middle. */
  public static String of(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    String middle = digits(sorted[(sorted.length - 1) / 2]);
    return sorted.length == 1
        ? middle
        : middle + " (" + digits(sorted[0]) + "–" + digits(sorted[sorted.length - 1]) + ")";
  }

  /** The same of how often the one goes into the other, round by round; empty without rounds. */
  public static String ofRatios(double[] values, double[] others) {
    int rounds = Math.min(values.length, others.length);
    return rounds == 0
        ? ""
        : of(IntStream.range(0, rounds).mapToDouble(round -> values[round] / others[round]));
  }

  private static String digits(double value) {
    String text = String.format(Locale.ROOT, "%.3g", value);
    return text.contains("e") ? String.format(Locale.ROOT, "%,.0f", value) : text;
  }

  private Spread() {}
}
