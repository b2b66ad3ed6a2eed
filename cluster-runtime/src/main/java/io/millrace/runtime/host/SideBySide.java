package io.millrace.runtime.host;

import io.millrace.runtime.taskmanager.TaskHost.Loading;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Parts of one call that wait for disks and other machines, done by a few threads at a time, of
 * which the caller's is one. For the caller's lane they are one call: it comes further when any of
 * them does.
 */
final class SideBySide {
  private static final int THREADS = 4;

  private final Queue<Loading> left;
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  private SideBySide(Collection<Loading> all) {
    this.left = new ConcurrentLinkedQueue<>(all);
  }

  /**
   * Returns or throws once none of it goes on.
   *
   * @throws IOException what the first of them has thrown; the others are not begun any more
   */
  static void run(Collection<Loading> all) throws IOException {
    var work = new SideBySide(all);
    var helpers = new ArrayList<Thread>();
    for (int i = 1; i < Math.min(THREADS, all.size()); i++) {
      var helper =
          new Thread(LanePool.alongside(work::work), Thread.currentThread().getName() + "+" + i);
      helper.setDaemon(true);
      helper.start();
      helpers.add(helper);
    }
    work.work();
    if (work.failure.get() != null) {
      // Nobody wants what they bring, and this thread may have been told to give up.
      helpers.forEach(Thread::interrupt);
    }
    work.join(helpers);
    work.throwFailure();
  }

  private void work() {
    for (Loading next = left.poll(); next != null && failure.get() == null; next = left.poll()) {
      try {
        next.run();
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
      }
    }
  }

  /** Whoever is told to give up tells the others and still waits: what they use is about to go. */
  private void join(Collection<Thread> helpers) {
    boolean interrupted = false;
    for (Thread helper : helpers) {
      while (helper.isAlive()) {
        try {
          helper.join();
        } catch (InterruptedException e) {
          interrupted = true;
          failure.compareAndSet(null, new InterruptedIOException("given up"));
          helpers.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwFailure() throws IOException {
    Throwable thrown = failure.get();
    if (thrown instanceof IOException e) {
      throw e;
    } else if (thrown instanceof RuntimeException e) {
      throw e;
    } else if (thrown instanceof Error e) {
      throw e;
    }
  }
}
