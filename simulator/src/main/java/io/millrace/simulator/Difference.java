package io.millrace.simulator;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Between what must be visible and what is.
 *
 * @param unknown of those too many the ones that nobody expects even once
 */
record Difference(int lines, List<String> missing, List<String> extra, List<String> unknown) {
  static Difference between(List<String> expected, List<String> seen) {
    var count = new TreeMap<String, Integer>();
    expected.forEach(line -> count.merge(line, 1, Integer::sum));
    seen.forEach(line -> count.merge(line, -1, Integer::sum));
    var missing = new ArrayList<String>();
    var extra = new ArrayList<String>();
    for (Map.Entry<String, Integer> entry : count.entrySet()) {
      if (entry.getValue() > 0) {
        missing.add(entry.getKey());
      } else if (entry.getValue() < 0) {
        extra.add(entry.getKey());
      }
    }
    var known = new HashSet<>(expected);
    List<String> unknown = extra.stream().filter(line -> !known.contains(line)).toList();
    return new Difference(expected.size(), missing, extra, unknown);
  }

  /** Only what matters in a job whose totals are not those of all input. */
  Difference where(Predicate<String> isMissed, Predicate<String> isTooMuch) {
    return new Difference(
        lines,
        missing.stream().filter(isMissed).toList(),
        extra.stream().filter(isTooMuch).toList(),
        unknown.stream().filter(isTooMuch).toList());
  }

  /** Whether what is too much is there more often than it should, and nothing else. */
  boolean onlyRepeats() {
    return unknown.isEmpty();
  }

  @Override
  public String toString() {
    return "of "
        + lines
        + " lines "
        + missing.size()
        + " are missing"
        + (missing.isEmpty() ? "" : " (first: " + missing.get(0) + ")")
        + (extra.isEmpty()
            ? ""
            : " and " + extra.size() + " too many (first: " + extra.get(0) + ")");
  }
}
