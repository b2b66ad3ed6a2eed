package io.millrace.simulator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The outside that simulated jobs write to: pending pieces of output that become visible one by
 * one. Remembers what was promised, and objects if anything else becomes visible.
 */
final class Ledger {
  private final TreeMap<String, List<String>> pending = new TreeMap<>();
  private final TreeMap<String, List<String>> visible = new TreeMap<>();
  private final TreeSet<String> promised = new TreeSet<>();
  private final SplittableRandom chance;
  private final double failure;
  private final Trace trace;
  private boolean calm;
  private int userFailuresLeft;
  private boolean settled;

  Ledger(SplittableRandom chance, Faults faults, Trace trace) {
    this.chance = chance;
    this.failure = faults.sinkFailure();
    this.userFailuresLeft = faults.userFailures();
    this.trace = trace;
  }

  /** No more faults from now on. */
  void calm() {
    calm = true;
    userFailuresLeft = 0;
  }

  /** A durable manifest names this piece of output. */
  void promise(String name) {
    promised.add(name);
  }

  void flush(String name, List<String> lines) throws IOException {
    mayFail("flush of " + name + " fails");
    pending.put(name, List.copyOf(lines));
    mayFail("flush of " + name + " loses its answer");
  }

  void commit(String name) throws IOException {
    mayFail("commit of " + name + " fails");
    if (!promised.contains(name)) {
      throw new InvariantViolation(name + " becomes visible though no durable checkpoint names it");
    }
    List<String> lines = pending.remove(name);
    if (lines != null) {
      visible.put(name, lines);
    } else if (!visible.containsKey(name)) {
      throw new InvariantViolation(name + " was promised, but is neither pending nor visible");
    }
    mayFail("commit of " + name + " loses its answer");
  }

  /** Deletes what was never promised; everything that was must be visible by now. */
  void settle() {
    pending.clear();
    settled = true;
  }

  boolean settled() {
    return settled;
  }

  /** Whether user code should fail now. */
  boolean failsNow() {
    if (userFailuresLeft > 0 && chance.nextInt(200) == 0) {
      userFailuresLeft--;
      trace.note("user code fails");
      return true;
    }
    return false;
  }

  List<String> visibleLines() {
    var lines = new ArrayList<String>();
    visible.values().forEach(lines::addAll);
    lines.sort(null);
    return lines;
  }

  List<String> pendingNames() {
    return List.copyOf(pending.keySet());
  }

  private void mayFail(String what) throws IOException {
    if (!calm && failure > 0 && chance.nextDouble() < failure) {
      trace.note(what);
      throw new IOException(what);
    }
  }
}
