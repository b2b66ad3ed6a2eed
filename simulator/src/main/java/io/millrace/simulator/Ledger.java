package io.millrace.simulator;

import io.millrace.runtime.checkpoint.ChannelState;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
  private final TreeSet<String> takenBack = new TreeSet<>();
  private final TreeMap<String, TreeMap<Long, Long>> rollbacks = new TreeMap<>();

  /** Of each sink and job that must write alone, the latest deployment that has opened a writer. */
  private final TreeMap<String, String> latest = new TreeMap<>();

  private final SplittableRandom chance;
  private final Moments moments;
  private final double failure;
  private final Trace trace;
  private Rules rules;
  private boolean calm;
  private int userFailuresLeft;
  private boolean failsOnAndOn;
  private int promisedAtFailure;
  private boolean settled;
  private String owner;

  Ledger(SplittableRandom chance, Faults faults, Moments moments, Trace trace) {
    this.chance = chance;
    this.moments = moments;
    this.failure = faults.storage().sinkFailure();
    this.userFailuresLeft = faults.program().userFailures();
    this.trace = trace;
  }

  /** Who is told of what must not be. */
  void reportTo(Rules newRules) {
    rules = newRules;
  }

  /**
   * The job that writes here fails on and on, each time soon after another checkpoint: so it starts
   * again each time.
   */
  void failOnAndOn() {
    failsOnAndOn = true;
  }

  /** No more faults from now on. */
  void calm() {
    calm = true;
    failsOnAndOn = false;
    userFailuresLeft = 0;
  }

  /** A durable manifest names this piece of output. */
  void promise(String name) {
    promised.add(name);
  }

  boolean isPromised(String name) {
    return promised.contains(name);
  }

  /** A writer that must be alone, as its attempt is called, has been opened. */
  void opened(String writer) {
    String before = latest.get(sinkOf(writer));
    if (before == null || before.compareTo(deploymentOf(writer)) < 0) {
      latest.put(sinkOf(writer), deploymentOf(writer));
      trace.hit("only writer of a sink" + (before == null ? "" : " succeeded"));
    }
  }

  /** Such a writer is given a record. */
  void writes(String writer) {
    String newer = latest.get(sinkOf(writer));
    if (newer.compareTo(deploymentOf(writer)) > 0) {
      throw rules.broken(writer + " writes, and writers of " + newer + " are there already");
    }
  }

  /** With its job: another one of the lineage is another application. */
  private static String sinkOf(String writer) {
    return writer.substring(0, writer.length() - partsOf(writer).length());
  }

  /** Epoch and generation, in the order of time. */
  private static String deploymentOf(String writer) {
    String[] parts = partsOf(writer).split("-");
    return parts[1]
        + "-"
        + parts[2]
        + "-"
        + String.format(Locale.ROOT, "%010d", Integer.parseInt(parts[3]));
  }

  /** Of an attempt: its epoch, generation, chain and subtask. */
  private static String partsOf(String writer) {
    int start = writer.length();
    for (int part = 0; part < 5; part++) {
      start = writer.lastIndexOf('-', start - 1);
    }
    return writer.substring(start);
  }

  /** The output belongs to one lineage. */
  void acquire(String lineage) throws IOException {
    before("acquire");
    if (owner == null) {
      owner = lineage;
    } else if (!owner.equals(lineage)) {
      throw rules.broken("lineage " + lineage + " writes where " + owner + " does");
    }
    settled = false;
    after("acquire");
  }

  /**
   * Output of the checkpoint must be there.
   *
   * @return the highest number of a checkpoint that the sink has output of
   */
  long resume(String sink, long checkpoint) throws IOException {
    before("resume");
    long highest = 0;
    var names = new TreeSet<String>(promised);
    names.addAll(takenBack);
    for (String name : names) {
      if (name.startsWith(sink + "-")) {
        highest = Math.max(highest, checkpointOf(name));
      }
    }
    for (var range : rollbacks.getOrDefault(sink, new TreeMap<>()).entrySet()) {
      highest = Math.max(highest, range.getValue());
      if (checkpoint > range.getKey() && checkpoint <= range.getValue()) {
        throw rules.broken(
            "output of checkpoint "
                + checkpoint
                + " was taken back with all after "
                + range.getKey()
                + ", and the job starts there");
      }
    }
    after("resume");
    return highest;
  }

  void flush(String name, List<String> lines) throws IOException {
    before("flush " + name);
    pending.put(name, List.copyOf(lines));
    after("flush " + name);
  }

  /** A piece that could not be flushed becomes part of the next one. */
  void recalls() {
    trace.hit("unflushed output taken back into the next piece");
  }

  void commit(String name) throws IOException {
    before("commit " + name);
    if (!promised.contains(name)) {
      throw rules.broken(name + " becomes visible though no durable checkpoint names it");
    }
    List<String> lines = pending.remove(name);
    if (lines != null) {
      visible.put(name, lines);
    } else if (!visible.containsKey(name) && !takenBack.contains(name)) {
      throw rules.broken(name + " was promised, but is neither pending nor visible");
    }
    after("commit " + name);
  }

  /** How the name of a piece ends. */
  static String cutFor(long checkpoint) {
    return "#" + checkpoint;
  }

  private static long checkpointOf(String name) {
    return Long.parseLong(name.substring(name.indexOf('#') + 1));
  }

  /** Pieces of a sink that were cut for some checkpoints are not there any more, for ever. */
  void rollback(String sink, long after, long upTo, List<String> kept) throws IOException {
    before("rollback");
    rollbacks.computeIfAbsent(sink, each -> new TreeMap<>()).merge(after, upTo, Math::max);
    var names = new TreeSet<String>(pending.keySet());
    names.addAll(visible.keySet());
    for (String name : names) {
      long checkpoint = checkpointOf(name);
      boolean between = checkpoint > after && checkpoint <= upTo && !kept.contains(name);
      if (between && name.startsWith(sink + "-")) {
        pending.remove(name);
        visible.remove(name);
        takenBack.add(name);
        trace.hit("output taken back");
      }
    }
    after("rollback");
  }

  /** A user takes away what came after a checkpoint, to go on from that one. */
  void forgetAfter(long checkpoint) {
    for (String name : List.copyOf(promised)) {
      if (checkpointOf(name) > checkpoint) {
        visible.remove(name);
        promised.remove(name);
      }
    }
  }

  /** Deletes what was never promised; everything that was must be visible by now. */
  void settle() throws IOException {
    before("settle");
    for (String name : promised) {
      if (pending.containsKey(name) && !rules.anyDamage()) {
        throw rules.broken(name + " was promised, and is deleted");
      }
    }
    pending.clear();
    settled = true;
    after("settle");
  }

  boolean settled() {
    return settled;
  }

  /** Whether user code should fail now; once in so many calls. */
  boolean failsNow(String where, int odds) {
    if (failsOnAndOn && promised.size() > promisedAtFailure && chance.nextInt(4) == 0) {
      promisedAtFailure = promised.size();
      failsOnceMore();
      return true;
    }
    if (userFailuresLeft > 0 && chance.nextInt(odds) == 0) {
      userFailuresLeft--;
      trace.hit("user code failed in " + where);
      return true;
    }
    return false;
  }

  private void failsOnceMore() {
    trace.hit("user code failed once more");
    try {
      moments.before("user code fails");
    } catch (IOException died) {
      trace.hit("user code took its process along");
    }
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

  /** What durable checkpoints name and nobody can see. */
  List<String> brokenPromises() {
    return promised.stream().filter(name -> !visible.containsKey(name)).toList();
  }

  private void before(String step) throws IOException {
    moments.before(step);
    mayFail("sink operation failed", step);
  }

  private void after(String step) throws IOException {
    moments.after(step);
    mayFail("sink operation done, answer lost", step);
  }

  private void mayFail(String how, String step) throws IOException {
    if (!calm && failure > 0 && chance.nextDouble() < failure) {
      trace.hit(how);
      throw new IOException(step + " fails");
    }
  }

  /** A rule that user code of this job breaks, which ends the life. */
  InvariantViolation spoilt(String how) {
    return rules.broken(how);
  }

  /** An item is read from a source that waits for others. */
  void reads(String job, long time, long from, long drift, long poll) {
    rules.reads(new JobId(job), time, from, drift, poll);
  }

  /**
   * A function is told that a checkpoint is complete.
   *
   * @param due whether it was cut for it and has not heard of it or of a later one
   */
  void heardComplete(String job, long checkpoint, boolean due) {
    rules.heardComplete(new JobId(job), checkpoint, due);
    trace.hit("a function heard of a complete checkpoint");
  }

  /**
   * A function is told that a checkpoint was given up.
   *
   * @param due whether it was cut for it, has not heard that before, and of no later one that is
   *     complete
   */
  void heardAborted(long checkpoint, boolean due) {
    if (!due) {
      throw rules.broken("a function hears at the wrong time that " + checkpoint + " is given up");
    }
    trace.hit("a function heard of a checkpoint that was given up");
  }

  /**
   * A task starts with records that were in flight.
   *
   * @param fused whether between two of its operators
   */
  void restores(ChannelState channel, boolean fused) {
    trace.hit(channel.queued() ? "queued records in flight restored" : "unsent records restored");
    if (fused) {
      trace.hit("records in flight restored between fused operators");
    }
  }
}
