package io.millrace.runtime.host;

import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.TaskCommand;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A thread that steps tasks: all those of a slot, downstream first, or one that may wait in user
 * code.
 *
 * <p>No wake-up is lost: the thread says that it is about to park, and only then looks at every
 * source of work once more, by stepping every task; whoever has made work looks whether it parks
 * only after the work can be seen. The full fences on both sides keep these orders.
 */
final class SlotThread implements Waker {
  private static final int FIRST_BUDGET = 64;
  private static final int LARGEST_BUDGET = 8192;
  private static final long LONG_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /**
   * The budget follows calls that become slow step by step; barriers, timers, commands and other
   * tasks of the slot do not wait that long.
   */
  private static final long LONGEST_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long SHORT_STEP_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

  /** How often a call that does not return is interrupted again. */
  private static final long INTERRUPT_MILLIS = 1_000;

  private static final long LONGEST_PARK_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int SPINS = 32;

  private final Thread thread;
  private final boolean single;
  private final long patienceMillis;
  private final Consumer<AttemptId> ended;
  private final BiConsumer<AttemptId, Throwable> crashed;
  private final StepTimes times;
  private volatile boolean parked;
  private volatile boolean closed;
  private volatile boolean ordersWait;

  /** Whether there is a Cancel among the orders: no other step begins before they are taken. */
  private volatile boolean cancelWaits;

  /** When the step at hand began, and whose it is; {@code null} between steps. */
  private volatile long stepSinceNanos;

  private volatile Seat stepping;

  // Guarded by this.
  private final ArrayDeque<Order> orders = new ArrayDeque<>();
  private boolean started;

  // Used by the thread only.
  private final List<Seat> seats = new ArrayList<>();
  private ClassLoader entered;

  /** A task on this thread and how many records it may handle in a step. */
  private static final class Seat {
    final AttemptId attempt;
    final Stepped task;
    final String name;
    int budget = FIRST_BUDGET;
    boolean cancelled;

    /** Whether the step at hand does more than close what there is; written before it begins. */
    boolean interruptible;

    Seat(AttemptId attempt, Stepped task) {
      this.attempt = attempt;
      this.task = task;
      this.name = task.name();
    }
  }

  /**
   * @param task to start; {@code null} for a command to one that was started before
   */
  private record Order(AttemptId attempt, Stepped task, TaskCommand command) {}

  /**
   * @param single whether the thread ends with its first task
   * @param patienceMillis how long a step may go on once its task is cancelled, before it is
   *     interrupted
   * @param times told of each step
   * @param ended told of every task that is done, on this thread
   * @param crashed told if a step throws, which tasks never let happen
   */
  SlotThread(
      String name,
      boolean single,
      long patienceMillis,
      StepTimes times,
      Consumer<AttemptId> ended,
      BiConsumer<AttemptId, Throwable> crashed) {
    this.single = single;
    this.patienceMillis = patienceMillis;
    this.times = times;
    this.ended = ended;
    this.crashed = crashed;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  @Override
  public void wake() {
    VarHandle.fullFence();
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  synchronized void start(AttemptId attempt, Stepped task) {
    give(new Order(attempt, task, null));
    if (!started && !closed) {
      started = true;
      thread.start();
    }
  }

  synchronized boolean started() {
    return started;
  }

  /** Hands a command to a task. A Cancel interrupts the task's step if that does not end. */
  synchronized void command(AttemptId attempt, TaskCommand command) {
    give(new Order(attempt, null, command));
    if (command instanceof TaskCommand.Cancel) {
      cancelWaits = true;
      insistOn(attempt);
    }
  }

  /** If that task is in a call now. */
  private void insistOn(AttemptId attempt) {
    if (isInCall(attempt)) {
      if (patienceMillis == 0) {
        thread.interrupt();
      }
      var insisting = new Thread(() -> insist(attempt), thread.getName() + "-cancel");
      insisting.setDaemon(true);
      insisting.start();
    }
  }

  /**
   * A call may make nothing of an interrupt and wait anew, for instance to try again.
   *
   * <p>The interrupt hits the step of that task or nothing. A step that has ended may be taken for
   * one that goes on only by who has the lock and has seen the reason for it to end; then the
   * thread sees that reason, too, waits for the lock and forgets the interrupt. The task learns
   * that it is cancelled from its order, which is taken under this lock, so nothing interrupts it
   * as it closes.
   */
  private synchronized void insist(AttemptId attempt) {
    try {
      long millis = patienceMillis == 0 ? INTERRUPT_MILLIS : patienceMillis;
      while (isToEnd(attempt)) {
        wait(millis);
        if (isToEnd(attempt)) {
          thread.interrupt();
        }
        millis = INTERRUPT_MILLIS;
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }

  private boolean isToEnd(AttemptId attempt) {
    return isInCall(attempt) && (closed || isCancelOrdered(attempt));
  }

  private boolean isInCall(AttemptId attempt) {
    Seat seat = stepping;
    return seat != null && seat.interruptible && seat.attempt.equals(attempt);
  }

  private boolean isCancelOrdered(AttemptId attempt) {
    return orders.stream()
        .anyMatch(
            order ->
                order.attempt().equals(attempt) && order.command() instanceof TaskCommand.Cancel);
  }

  /** By the thread itself, outside of calls: forgets that it was interrupted. */
  private synchronized void calm() {
    Thread.interrupted();
    notifyAll();
  }

  private void give(Order order) {
    orders.add(order);
    ordersWait = true;
    wake();
  }

  StepTimes times() {
    return times;
  }

  /** Where the thread is, if it has been in one step for longer than that; for the log. */
  Optional<String> stuckFor(Duration time) {
    Seat seat = stepping;
    long nanos = System.nanoTime() - stepSinceNanos;
    if (seat == null || nanos < time.toNanos()) {
      return Optional.empty();
    }
    var text = new StringBuilder();
    text.append(seat.attempt)
        .append(" has been in one call for ")
        .append(TimeUnit.NANOSECONDS.toSeconds(nanos))
        .append(" s:");
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n\tat ").append(frame);
    }
    return Optional.of(text.toString());
  }

  /** Ends the thread after the step at hand, which is interrupted if it does not end. */
  synchronized void close() {
    closed = true;
    wake();
    LockSupport.unpark(thread);
    Seat seat = stepping;
    if (seat != null) {
      insistOn(seat.attempt);
    }
  }

  void join(long millis) throws InterruptedException {
    if (Thread.currentThread() != thread) {
      thread.join(millis);
    }
  }

  private void run() {
    int idleRounds = 0;
    while (!closed) {
      if (round()) {
        idleRounds = 0;
      } else if (++idleRounds < SPINS) {
        Thread.onSpinWait();
      } else {
        parkUnlessWork();
      }
      if (single && seats.isEmpty()) {
        break;
      }
    }
    takeOrders(); // a task that was handed over and never stepped is closed like any other
    for (Seat seat : seats) {
      enter(seat.task.loader());
      seat.task.close();
    }
  }

  private void parkUnlessWork() {
    parked = true;
    VarHandle.fullFence();
    if (!round() && !closed) {
      long millis = earliestWakeMillis() - Clocks.now().monotonicMillis();
      if (millis > 0) {
        LockSupport.parkNanos(
            this,
            Math.min(LONGEST_PARK_NANOS, TimeUnit.MILLISECONDS.toNanos(Math.min(millis, 60_000))));
      }
    }
    parked = false;
  }

  private long earliestWakeMillis() {
    long earliest = Long.MAX_VALUE / 2;
    for (Seat seat : seats) {
      earliest = Math.min(earliest, seat.task.wakeAtMillis());
    }
    return earliest;
  }

  /** Steps every task once; tells whether anything was done. */
  private boolean round() {
    boolean worked = ordersWait && takeOrders();
    boolean anyDone = false;
    long before = System.nanoTime();
    for (int i = 0; i < seats.size(); i++) {
      Seat seat = seats.get(i);
      Progress progress;
      seat.interruptible = !seat.cancelled && !seat.task.closesNext();
      stepSinceNanos = before;
      stepping = seat;
      if (closed || cancelWaits) {
        stepping = null;
        return true;
      }
      enter(seat.task.loader());
      try {
        progress = seat.task.step(Clocks.ofStep(before), seat.budget, this::stepIsOver);
      } catch (Throwable e) {
        closed = true;
        leave();
        crashed.accept(seat.attempt, e);
        return true;
      }
      leave();
      long after = System.nanoTime();
      times.took(after - before, seat.budget, seat.name, seat.attempt, after);
      adapt(seat, progress, after - before);
      before = after;
      worked |= progress == Progress.WORKED;
      if (progress == Progress.DONE) {
        worked = true;
        anyDone = true;
        seats.remove(i--);
        seat.task.close();
        ended.accept(seat.attempt);
      }
    }
    times.tellIfDue(before);
    if (anyDone && seats.isEmpty()) {
      times.tell(before);
      // A thread that waits for its next job must not keep the classes of the last one.
      enter(SlotThread.class.getClassLoader());
    }
    return worked || anyDone;
  }

  private void leave() {
    stepping = null;
    if (closed || cancelWaits) {
      calm();
    }
  }

  private boolean stepIsOver() {
    return ordersWait || System.nanoTime() - stepSinceNanos > LONGEST_STEP_NANOS;
  }

  private void enter(ClassLoader loader) {
    if (loader != entered) {
      entered = loader;
      thread.setContextClassLoader(loader);
    }
  }

  private void adapt(Seat seat, Progress progress, long nanos) {
    if (nanos > LONG_STEP_NANOS) {
      seat.budget = Math.max(1, seat.budget / 2);
    } else if (nanos < SHORT_STEP_NANOS && progress == Progress.WORKED) {
      seat.budget = Math.min(LARGEST_BUDGET, seat.budget * 2);
    }
  }

  private synchronized boolean takeOrders() {
    ordersWait = false;
    cancelWaits = false;
    calm();
    while (!orders.isEmpty()) {
      Order order = orders.poll();
      if (order.task() != null) {
        seats.add(new Seat(order.attempt(), order.task()));
        // Chains are numbered upstream to downstream: who has room makes room for those before.
        seats.sort(
            Comparator.<Seat>comparingInt(seat -> -seat.attempt.chain())
                .thenComparing(seat -> seat.attempt));
      } else {
        for (Seat seat : seats) {
          if (seat.attempt.equals(order.attempt())) {
            seat.cancelled |= order.command() instanceof TaskCommand.Cancel;
            seat.task.receive(order.command());
          }
        }
      }
    }
    return true;
  }
}
