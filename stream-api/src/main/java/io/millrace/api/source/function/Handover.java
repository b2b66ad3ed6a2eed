package io.millrace.api.source.function;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.eventtime.Watermark;
import io.millrace.api.function.SourceFunction.SourceContext;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.Serializer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/**
 * Where a function's thread leaves what it collects, and the task's thread takes it.
 *
 * <p>What is collected is here at once, within the critical section of the user's that collects it;
 * so whoever holds the checkpoint lock finds nothing but whole sections. There is room for a number
 * of records only, and whoever collects more waits, with the lock if it has it: to release it in
 * the midst of a section would show half of one. While a cut is to be made there is more room, and
 * the task goes on to empty it, so that sections come to their end. Who does not have the lock
 * then, waits before it takes it or collects anything: locks of this kind are given to who comes
 * first, not to who has waited.
 */
final class Handover<T> implements SourceContext<T> {
  /** As many as two or three batches: enough to be read on while they travel. */
  static final int ROOM = 1024;

  private static final int ROOM_DURING_CUT = 16 * ROOM;

  /** What is no record; of a type that no user has. */
  private enum Sign {
    WATERMARK,
    IDLE
  }

  /**
   * A place in what is handed over.
   *
   * @param number of records and signs in front of it
   * @param over whether there can be none behind it, as the function has ended
   */
  record Mark(long number, boolean over) {}

  private final Object checkpointLock = new Object();

  /** {@code null} if records need no copy. */
  private final Serializer<T> copier;

  private final Runnable waker;

  // Guarded by this.
  private Pile filling = new Pile();
  private long added;
  private int waiting;
  private boolean cutting;
  private boolean over;
  private Throwable failure;
  private boolean closed;

  // Of the task's thread.
  private Pile leaving = new Pile();
  private int position;
  private long emitted;
  private boolean idle;

  /** Records and their times in the order in which they came; and signs, which are no records. */
  private static final class Pile {
    private Object[] values = new Object[ROOM];
    private long[] times = new long[ROOM];
    private int size;

    void add(Object value, long time) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
        times = Arrays.copyOf(times, 2 * size);
      }
      values[size] = value;
      times[size++] = time;
    }

    void clear() {
      Arrays.fill(values, 0, size, null);
      size = 0;
    }
  }

  /** The job is being cancelled, so nobody wants the record. */
  static final class CancelledException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CancelledException() {
      super("the source was cancelled", null, false, false);
    }
  }

  /**
   * @param copier of records that the function may go on to change; else {@code null}
   * @param waker of the task's thread
   */
  Handover(Serializer<T> copier, Runnable waker) {
    this.copier = copier;
    this.waker = waker;
  }

  // ---- threads of the user's

  @Override
  public void collect(T element) {
    collectWithTimestamp(element, Timestamps.NONE);
  }

  @Override
  public void collectWithTimestamp(T element, long timestamp) {
    Objects.requireNonNull(element, "a source function has collected null, which is no record");
    add(element, timestamp);
  }

  @Override
  public void emitWatermark(Watermark mark) {
    add(Sign.WATERMARK, mark.timestamp());
  }

  @Override
  public void markAsTemporarilyIdle() {
    add(Sign.IDLE, 0);
  }

  @Override
  public Object getCheckpointLock() {
    if (!Thread.holdsLock(checkpointLock)) {
      synchronized (this) {
        await(() -> cutting);
      }
    }
    return checkpointLock;
  }

  @Override
  public void close() {
    // The engine knows by itself when run has returned.
  }

  private void add(Object value, long time) {
    boolean holdsLock = Thread.holdsLock(checkpointLock);
    boolean first;
    synchronized (this) {
      awaitRoom(holdsLock);
      if (closed) {
        throw new CancelledException();
      }
      filling.add(copied(value), time);
      added++;
      first = filling.size == 1;
    }
    if (first) {
      waker.run();
    }
  }

  /** The function may change a record that it has collected. One thread copies at a time. */
  @SuppressWarnings("unchecked") // what is no sign is a record
  private Object copied(Object value) {
    return copier == null || value instanceof Sign ? value : copier.copy((T) value);
  }

  private void awaitRoom(boolean holdsLock) {
    if (holdsLock) {
      await(() -> filling.size >= (cutting ? ROOM_DURING_CUT : ROOM));
    } else {
      await(() -> filling.size >= ROOM || cutting);
    }
  }

  /** Ends at once if nobody takes records any more. */
  private void await(BooleanSupplier obstacle) {
    boolean interrupted = false;
    waiting++;
    while (!closed && obstacle.getAsBoolean()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // told when the waiting is over
      }
    }
    waiting--;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** The function has returned, or thrown that. */
  void ended(Throwable thrown) {
    synchronized (this) {
      over = true;
      failure = thrown;
    }
    waker.run();
  }

  // ---- the task's thread

  /** Emits at most that many; how many it did. */
  int emit(ReaderOutput<T> output, int limit) {
    int emitted = 0;
    while (emitted < limit) {
      if (position == leaving.size && !swap()) {
        break;
      }
      emitNext(output);
      emitted++;
    }
    return emitted;
  }

  /** Emits all in front of the mark, and nothing behind it; whether there was any. */
  boolean emitTo(Mark mark, ReaderOutput<T> output) {
    boolean any = emitted < mark.number();
    while (emitted < mark.number()) {
      emit(output, (int) Math.min(ROOM, mark.number() - emitted));
    }
    return any;
  }

  private boolean swap() {
    leaving.clear();
    position = 0;
    synchronized (this) {
      if (filling.size == 0) {
        return false;
      }
      Pile full = filling;
      filling = leaving;
      leaving = full;
      if (waiting > 0) {
        notifyAll();
      }
      return true;
    }
  }

  @SuppressWarnings("unchecked") // what is no sign is a record
  private void emitNext(ReaderOutput<T> output) {
    Object value = leaving.values[position];
    long time = leaving.times[position++];
    emitted++;
    if (value == Sign.IDLE) {
      idle = true;
      output.markIdle();
      return;
    }
    if (idle) {
      idle = false;
      output.markActive();
    }
    if (value == Sign.WATERMARK) {
      output.emitWatermark(time);
    } else if (time == Timestamps.NONE) {
      output.collect((T) value);
    } else {
      output.collect((T) value, time);
    }
  }

  /** Whether {@link #emit} would emit anything, or the function has come to its end. */
  boolean stirred() {
    synchronized (this) {
      return position < leaving.size || filling.size > 0 || over;
    }
  }

  /**
   * Whether the function has returned and all that it has collected is emitted.
   *
   * @throws Exception what the function has thrown
   */
  boolean over() throws Exception {
    synchronized (this) {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure != null) {
        throw (Exception) failure;
      }
      return over && filling.size == 0 && position == leaving.size;
    }
  }

  /** The checkpoint lock, for who makes the cut. */
  Object lock() {
    return checkpointLock;
  }

  /** The end of what is here. */
  synchronized Mark mark() {
    return new Mark(added, over);
  }

  /** Whether a cut is to be made now. */
  synchronized void cutting(boolean now) {
    cutting = now;
    notifyAll();
  }

  /** Nobody takes records any more: whoever collects one is told so. */
  synchronized void shut() {
    closed = true;
    notifyAll();
  }
}
