package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Perishable;
import io.millrace.runtime.kernel.StandstillException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bounded daemon threads for waiting work. A call that for longer than the deadline has not come
 * any {@linkplain #progress further} is answered as failed and left alone: its thread does not
 * count any more, unless too many hang already; then the lane stands still, and what waits in it
 * fails by its own deadline.
 */
final class LanePool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LanePool.class);

  private static final ThreadLocal<Worker> CURRENT = new ThreadLocal<>();

  private final String name;
  private final int threads;
  private final int maxHung;
  private final long deadlineNanos;

  // Guarded by this.
  private final ArrayDeque<Work<?>> waiting = new ArrayDeque<>();
  private final List<Worker> busy = new ArrayList<>();
  private int idle;
  private int hung;
  private int threadNumber;
  private boolean closed;

  /**
   * @param threads that may work at once; one means in order
   * @param maxHung threads that may be given up on before the lane stands still
   */
  LanePool(String name, int threads, int maxHung, Duration deadline) {
    this.name = name;
    this.threads = threads;
    this.maxHung = maxHung;
    this.deadlineNanos = deadline.toNanos();
  }

  /**
   * @param answer takes either a value or a failure, exactly once unless the pool is closed before;
   *     called on a thread of the pool or of the watch
   */
  synchronized <T> void run(Callable<? extends T> call, BiConsumer<? super T, Exception> answer) {
    if (closed) {
      return;
    }
    waiting.addLast(new Work<>(call, answer, System.nanoTime()));
    if (idle > 0) {
      notify();
    } else {
      startWorkerIfNeeded();
    }
  }

  /**
   * Tells that the call on this thread has come further, so that its time begins anew: how much it
   * has to do is nothing that a deadline could know. Nothing happens on threads of nobody's.
   */
  static void progress() {
    Worker worker = CURRENT.get();
    if (worker != null) {
      worker.furtherNanos = System.nanoTime();
    }
  }

  /** The work, for another thread that does a part of the call on this one. */
  static Runnable alongside(Runnable work) {
    Worker worker = CURRENT.get();
    return () -> {
      CURRENT.set(worker);
      work.run();
    };
  }

  private void startWorkerIfNeeded() {
    if (!waiting.isEmpty() && idle == 0 && busy.size() < threads && hung <= maxHung && !closed) {
      var worker = new Worker();
      busy.add(worker);
      var thread = new Thread(worker, name + "-" + ++threadNumber);
      thread.setDaemon(true);
      worker.thread = thread;
      thread.start();
    }
  }

  /** Looks for calls that are over their deadline; to be called now and then. */
  void watch() {
    long now = System.nanoTime();
    var late = new ArrayList<Work<?>>();
    synchronized (this) {
      for (Worker worker : List.copyOf(busy)) {
        if (worker.work != null && now - worker.furtherNanos > deadlineNanos) {
          late.add(worker.work);
          worker.abandoned = true;
          busy.remove(worker);
          hung++;
          worker.thread.interrupt();
          startWorkerIfNeeded();
        }
      }
      while (hung > maxHung
          && !waiting.isEmpty()
          && now - waiting.peekFirst().givenNanos > 2 * deadlineNanos) {
        late.add(waiting.pollFirst());
      }
    }
    for (Work<?> work : late) {
      LOG.warn("A call in lane {} has come no further for {}; given up", name, deadline());
      work.answer(null, new StandstillException(name, deadline()));
    }
  }

  private Duration deadline() {
    return Duration.ofNanos(deadlineNanos);
  }

  @Override
  public synchronized void close() {
    closed = true;
    waiting.clear();
    for (Worker worker : busy) {
      worker.thread.interrupt();
    }
    notifyAll();
  }

  private static final class Work<T> {
    private final Callable<? extends T> call;
    private BiConsumer<? super T, Exception> answer;
    final long givenNanos;

    Work(Callable<? extends T> call, BiConsumer<? super T, Exception> answer, long givenNanos) {
      this.call = call;
      this.answer = answer;
      this.givenNanos = givenNanos;
    }

    void run() {
      T value;
      try {
        value = call.call();
      } catch (Exception e) {
        answer(null, e);
        return;
      } catch (Throwable e) {
        // Mostly a user's class that does not fit: the actor decides what it means.
        answer(null, new IllegalStateException(e.toString(), e));
        return;
      }
      answer(value, null);
    }

    void answer(T value, Exception failure) {
      BiConsumer<? super T, Exception> taker;
      synchronized (this) {
        taker = answer;
        answer = null;
      }
      if (taker != null) {
        taker.accept(value, failure);
      } else if (value instanceof Perishable perishable) {
        perishable.perish();
      }
    }
  }

  private final class Worker implements Runnable {
    private Thread thread;
    private Work<?> work;
    private volatile long furtherNanos;
    private boolean abandoned;

    @Override
    public void run() {
      CURRENT.set(this);
      while (take()) {
        work.run();
        synchronized (LanePool.this) {
          work = null;
          if (abandoned) {
            hung--;
            startWorkerIfNeeded();
            return;
          }
        }
      }
    }

    private boolean take() {
      synchronized (LanePool.this) {
        while (waiting.isEmpty() && !closed) {
          idle++;
          try {
            LanePool.this.wait();
          } catch (InterruptedException e) {
            // Meant for a call that is over, or the pool is closed; either way look again.
          } finally {
            idle--;
          }
        }
        if (closed) {
          busy.remove(this);
          return false;
        }
        work = waiting.pollFirst();
        furtherNanos = System.nanoTime();
        return true;
      }
    }
  }
}
