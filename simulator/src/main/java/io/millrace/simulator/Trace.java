package io.millrace.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** What happened in a run: a hash over all of it, and the last lines or all of them. */
final class Trace {
  private static final int KEPT = 400;

  private final boolean keepAll;
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private long hash = 0xcbf29ce484222325L;
  private final Tally tally = new Tally();
  private long count;

  /**
   * @param keepAll whether every line is kept, to compare two runs, or only the last ones
   */
  Trace(boolean keepAll) {
    this.keepAll = keepAll;
  }

  void event(long micros, String what) {
    add(micros + " " + what);
  }

  /** A line of its own, not an event. */
  void note(String what) {
    add("  " + what);
  }

  /** A fault took effect, or something else happened that is worth counting. */
  void hit(String what) {
    tally.count(what);
    add("  " + what);
  }

  Tally tally() {
    return tally;
  }

  private void add(String line) {
    count++;
    for (int i = 0; i < line.length(); i++) {
      hash = (hash ^ line.charAt(i)) * 0x100000001b3L; // FNV-1a
    }
    lines.add(line);
    if (!keepAll && lines.size() > KEPT) {
      lines.poll();
    }
  }

  String hash() {
    return String.format(java.util.Locale.ROOT, "%016x", hash);
  }

  long count() {
    return count;
  }

  List<String> lines() {
    return new ArrayList<>(lines);
  }
}
