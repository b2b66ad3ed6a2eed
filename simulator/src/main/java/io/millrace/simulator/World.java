package io.millrace.simulator;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.task.Watch;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * Virtual time and everything that is going to happen in it, in one order that the seed decides.
 */
final class World implements Watch {
  private static final long MICROS_PER_MILLI = 1_000;
  private static final long WALL_START_MILLIS = 1_700_000_000_000L;

  private final PriorityQueue<Event> events = new PriorityQueue<>();
  private final SplittableRandom chance;
  private final Trace trace;
  private long micros;
  private long scheduled;
  private long steps;
  private long wallSkewMillis;
  private long latestWallMillis;
  private long awaitedMicros;
  private SimulatedProcess acting;
  private boolean actsAgain;

  World(long seed, Trace trace) {
    this.chance = new SplittableRandom(seed);
    this.trace = trace;
  }

  /**
   * A source of chance of its own, so that what one part draws does not shift what another one
   * draws.
   */
  SplittableRandom fork() {
    return chance.split();
  }

  long micros() {
    return micros;
  }

  long millis() {
    return micros / MICROS_PER_MILLI;
  }

  Clock clock() {
    return new Clock(monotonicMillis(), wallMillis());
  }

  /** As slots' threads have it: of the wall clock, the last millisecond that is over. */
  Clock clockOfStep() {
    return new Clock(monotonicMillis(), wallMillis() - 1);
  }

  @Override
  public long monotonicMillis() {
    return millis();
  }

  @Override
  public long wallMillis() {
    return WALL_START_MILLIS + millis() + wallSkewMillis;
  }

  /** The latest that wall clocks have shown so far. */
  long latestWallMillis() {
    return Math.max(latestWallMillis, clock().wallMillis());
  }

  /** Wall clocks may be set; the monotonic one is untouched. */
  void setWallSkew(long millis) {
    latestWallMillis = latestWallMillis();
    wallSkewMillis = millis;
  }

  /**
   * The code that runs now waits for so long. What it does has its effect at once, but its thread
   * goes on only then.
   */
  void await(long micros) {
    awaitedMicros += micros;
  }

  /** How long code has waited since the last call. */
  long takeAwaitedMicros() {
    long awaited = awaitedMicros;
    awaitedMicros = 0;
    return awaited;
  }

  /** A task has made a step. */
  void stepped() {
    steps++;
  }

  /** Steps of all tasks so far. */
  long steps() {
    return steps;
  }

  /** The process whose code runs right now; {@code null} between events. */
  SimulatedProcess acting() {
    return acting;
  }

  /** Whether what it does may be broken off before its effect and done again later. */
  boolean actsAgain() {
    return actsAgain;
  }

  /** How much is going to happen. */
  int waiting() {
    return events.size();
  }

  /** Runs a process's code. */
  <T> T as(SimulatedProcess process, boolean again, Callable<T> code) throws Exception {
    SimulatedProcess actedBefore = acting;
    boolean againBefore = actsAgain;
    acting = process;
    actsAgain = again;
    try {
      return code.call();
    } finally {
      acting = actedBefore;
      actsAgain = againBefore;
    }
  }

  Trace trace() {
    return trace;
  }

  /** Lets something happen after a time; at the same microsecond, in the order of the calls. */
  void after(long delayMicros, String what, Runnable happening) {
    events.add(new Event(micros + Math.max(0, delayMicros), scheduled++, what, happening));
  }

  void afterMillis(long delayMillis, String what, Runnable happening) {
    after(delayMillis * MICROS_PER_MILLI, what, happening);
  }

  /** Lets the next thing happen; false if nothing is left. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    micros = next.micros;
    trace.event(micros, next.what);
    next.happening.run();
    return true;
  }

  private record Event(long micros, long order, String what, Runnable happening)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(micros, other.micros);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }
}
