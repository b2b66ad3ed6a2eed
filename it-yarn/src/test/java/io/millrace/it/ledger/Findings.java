package io.millrace.it.ledger;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a verifier has found wrong: how much of each kind, and the first of all in words. */
public final class Findings {
  private static final int TOLD = 20;

  private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
  private final List<String> first = new ArrayList<>();
  private long lines;

  /** What may be wrong with output. */
  public enum Fault {
    LOST,
    DUPLICATED,
    REORDERED,
    ALTERED
  }

  Findings() {
    for (Fault fault : Fault.values()) {
      counts.put(fault, 0L);
    }
  }

  void add(Fault fault, String what) {
    counts.merge(fault, 1L, Long::sum);
    if (first.size() < TOLD) {
      first.add(fault.name().toLowerCase(java.util.Locale.ROOT) + ": " + what);
    }
  }

  void line() {
    lines++;
  }

  /** Lines that were looked at. */
  public long lines() {
    return lines;
  }

  public long count(Fault fault) {
    return counts.get(fault);
  }

  public boolean none() {
    return counts.values().stream().allMatch(count -> count == 0);
  }

  /** The first few, each with its place. */
  public List<String> first() {
    return List.copyOf(first);
  }

  /** Such as {@code 0 lost, 0 duplicated, 0 reordered, 0 altered of 4711 lines}. */
  @Override
  public String toString() {
    var text = new StringBuilder();
    counts.forEach(
        (fault, count) ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(count)
                .append(' ')
                .append(fault.name().toLowerCase(java.util.Locale.ROOT)));
    return text + " of " + lines + " lines";
  }
}
