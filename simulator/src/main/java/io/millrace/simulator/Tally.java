package io.millrace.simulator;

import java.util.Map;
import java.util.TreeMap;

/** How often things happened, by name, and in how many runs. */
final class Tally {
  private final TreeMap<String, Count> counts = new TreeMap<>();

  private record Count(long times, long runs) {
    Count plus(Count other) {
      return new Count(times + other.times, runs + other.runs);
    }
  }

  void count(String what) {
    Count before = counts.getOrDefault(what, new Count(0, 1));
    counts.put(what, new Count(before.times + 1, 1));
  }

  long of(String what) {
    return counts.getOrDefault(what, new Count(0, 0)).times;
  }

  /** Adds what another run counted. */
  void add(Tally run) {
    run.counts.forEach((what, count) -> counts.merge(what, count, Count::plus));
  }

  /** One line for each name. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    for (Map.Entry<String, Count> entry : counts.entrySet()) {
      text.append(
          String.format(
              java.util.Locale.ROOT,
              "  %-52s %8d times in %6d runs%n",
              entry.getKey(),
              entry.getValue().times,
              entry.getValue().runs));
    }
    return text.toString();
  }
}
