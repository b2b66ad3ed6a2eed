package io.millrace.it;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Asks a job again and again what state it is in, and adds up for how long it was RUNNING. */
final class SoakWatch implements AutoCloseable {
  private static final long PAUSE_MILLIS = 200;

  private final YarnApplication application;
  private final JobId job;
  private final Thread thread = new Thread(this::watch, "watch");
  private volatile boolean closed;

  // Guarded by this.
  private long beginNanos;
  private long lastNanos;
  private long runningNanos;
  private boolean running;
  private int beginnings;

  SoakWatch(YarnApplication application, String job) {
    this.application = application;
    this.job = new JobId(job);
    thread.setDaemon(true);
    thread.start();
  }

  void awaitRunning(Duration deadline) throws Exception {
    Await.until("the job to be RUNNING", deadline, () -> beginnings() > 0);
  }

  private void watch() {
    while (!closed) {
      try {
        note(isRunning());
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private boolean isRunning() throws InterruptedException {
    try {
      return application.situation().reachable()
          && application.client().job(Optional.of(job), 0).summary().status() == JobStatus.RUNNING;
    } catch (IOException e) {
      return false;
    }
  }

  /** The time between two answers counts as RUNNING if both say so. */
  private synchronized void note(boolean now) {
    long nanos = System.nanoTime();
    if (beginnings > 0 && running && now) {
      runningNanos += nanos - lastNanos;
    }
    if (now && !running) {
      if (beginnings++ == 0) {
        beginNanos = nanos;
      }
    }
    running = now;
    lastNanos = nanos;
  }

  private synchronized int beginnings() {
    return beginnings;
  }

  /** How often it was RUNNING again after it was not. */
  synchronized int recoveries() {
    return Math.max(0, beginnings - 1);
  }

  /** From the first RUNNING to the last look. */
  synchronized Duration time() {
    return Duration.ofNanos(lastNanos - beginNanos);
  }

  synchronized double runningShare() {
    return lastNanos == beginNanos ? 0 : (double) runningNanos / (lastNanos - beginNanos);
  }

  @Override
  public void close() {
    end();
  }

  /** Looks no more. */
  void end() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
