package io.millrace.api.source.function;

import io.millrace.api.config.JobSettings;
import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionReader;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.List;
import java.util.Optional;

/** Lets a source function run on a thread of its own and reads what it collects. */
final class FunctionThread<T> implements FunctionReader<T, Seat> {
  /** How often a function that does not end is interrupted again. */
  private static final long INTERRUPT_MILLIS = 1_000;

  private final SourceFunction<T> function;
  private final TypeInformation<T> type;
  private final FunctionLife life;
  private OperatorContext context;
  private Handover<T> handover;
  private Thread thread;
  private Seat seat;
  private Cut abandoned;
  private boolean cancelled;

  FunctionThread(SourceFunction<T> function, TypeInformation<T> type) {
    this.function = function;
    this.type = type;
    life = new FunctionLife(function).withoutKeys("a source function");
  }

  @Override
  public void open(OperatorContext context) throws Exception {
    this.context = context;
    Serializer<T> serializer = type.serializer(context.userClassLoader());
    boolean asTheyAre = serializer.immutable() || context.settings().get(JobSettings.OBJECT_REUSE);
    handover = new Handover<>(asTheyAre ? null : serializer, context.waker());
    life.open(context);
  }

  /** Begins to run. A seat among another number of subtasks counts no more: a new one comes. */
  @Override
  public void add(Seat split) {
    if (split.of() != context.parallelism() || seat != null) {
      return;
    }
    seat = split;
    String name = context.operatorName() + " (" + (context.subtask() + 1) + ") run";
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Throwable thrown = null;
    try {
      function.run(handover);
    } catch (Throwable e) {
      thrown = e;
    }
    handover.ended(thrown);
  }

  @Override
  public Progress poll(ReaderOutput<T> output, int limit, ReadClock clock) throws Exception {
    if (seat == null) {
      return Progress.NEED_SPLIT;
    }
    if (handover.emit(output, limit) > 0) {
      return Progress.MORE;
    }
    return leaveIfOver() ? Progress.NEED_SPLIT : Progress.WAITING;
  }

  private boolean leaveIfOver() throws Exception {
    if (seat != null && handover.over()) {
      seat = null;
    }
    return seat == null;
  }

  /** Until there is something: {@link #stirred} tells. */
  @Override
  public long nextPollMillis(ReadClock clock) {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean stirred() {
    return seat == null || handover.stirred();
  }

  @Override
  public Frozen freeze(long checkpoint, ReaderOutput<T> output) throws Exception {
    if (seat == null) {
      return cut(checkpoint);
    }
    var cut = new Cut(checkpoint);
    handover.cutting(true);
    try {
      // Looked at before it is asked whether the cut is made: what is there then belongs in front.
      Handover.Mark here = handover.mark();
      while (!cut.isMade()) {
        // Room for those that are in the midst of a section.
        if (!handover.emitTo(here, output)) {
          cut.await();
        }
        here = handover.mark();
      }
    } catch (InterruptedException e) {
      // The function may keep the lock for ever, and must hear that it is cancelled.
      abandon(cut);
      throw e;
    } finally {
      handover.cutting(false);
    }
    return cut.leave(output);
  }

  private void abandon(Cut cut) {
    abandoned = cut;
    cut.abandon();
    handover.shut();
    try {
      cancel();
    } finally {
      thread.interrupt();
    }
  }

  private Frozen cut(long checkpoint) throws Exception {
    Frozen states = life.snapshot(checkpoint);
    context.accumulators().hold();
    return states;
  }

  @Override
  public List<Seat> snapshot() {
    return seat == null ? List.of() : List.of(seat);
  }

  @Override
  public void drain() {
    if (seat != null) {
      cancel();
    }
  }

  private void cancel() {
    if (!cancelled) {
      cancelled = true;
      function.cancel();
    }
  }

  @Override
  public Optional<CheckpointListener> checkpointListener() {
    return life.checkpointListener();
  }

  @Override
  public void close() throws Exception {
    Throwable first = null;
    if (thread != null) {
      first = end();
    }
    try {
      life.close();
    } catch (Exception | Error e) {
      if (first != null) {
        e.addSuppressed(first);
      }
      throw e;
    }
    rethrow(first);
  }

  /** Waits until the function has ended, however often it must be told; what cancel has thrown. */
  private Throwable end() {
    Throwable thrown = null;
    handover.shut();
    try {
      if (thread.isAlive()) {
        cancel();
      }
    } catch (RuntimeException | Error e) {
      thrown = e;
    }
    try {
      while (thread.isAlive()) {
        thread.interrupt();
        thread.join(INTERRUPT_MILLIS);
      }
      if (abandoned != null) {
        abandoned.cutter.join(); // nobody keeps the lock from it any more
      }
    } catch (InterruptedException e) {
      // The process goes down; it does not wait for the function, nor does the thread keep it.
      Thread.currentThread().interrupt();
    }
    return thrown;
  }

  /**
   * One checkpoint of the function, made by a thread of its own: whoever waits for a lock of this
   * kind cannot be woken, so the task must not. The function may well take the lock again and again
   * before its turn comes; the task makes room meanwhile.
   */
  private final class Cut {
    private static final long LOOK_MILLIS = 1;

    private final long checkpoint;
    private final Thread cutter;

    // Guarded by this.
    private boolean made;
    private boolean abandoned;
    private Handover.Mark end;
    private Frozen states;
    private Throwable failure;

    Cut(long checkpoint) {
      this.checkpoint = checkpoint;
      cutter = new Thread(this::make, thread.getName() + " cut");
      cutter.setDaemon(true);
      cutter.start();
    }

    private void make() {
      synchronized (handover.lock()) {
        synchronized (this) {
          if (abandoned) {
            return;
          }
        }
        Frozen frozen = null;
        Throwable thrown = null;
        try {
          frozen = cut(checkpoint);
        } catch (Throwable e) {
          thrown = e;
        }
        synchronized (this) {
          end = handover.mark();
          states = frozen;
          failure = thrown;
          made = true;
          notifyAll();
        }
      }
    }

    synchronized boolean isMade() {
      return made;
    }

    synchronized void await() throws InterruptedException {
      if (!made) {
        wait(LOOK_MILLIS);
      }
    }

    synchronized void abandon() {
      abandoned = true;
    }

    /** Emits what was collected before it. */
    synchronized Frozen leave(ReaderOutput<T> output) throws Exception {
      rethrow(failure);
      handover.emitTo(end, output);
      if (end.over()) {
        leaveIfOver();
      }
      return states;
    }
  }

  private static void rethrow(Throwable thrown) throws Exception {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown != null) {
      throw (Exception) thrown;
    }
  }
}
