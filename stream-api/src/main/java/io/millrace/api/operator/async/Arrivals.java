package io.millrace.api.operator.async;

import java.util.concurrent.ConcurrentLinkedQueue;

/** Where answers come in from other threads, and wait for the task's. */
final class Arrivals<I, O> {
  private final ConcurrentLinkedQueue<Answer<I, O>> answers = new ConcurrentLinkedQueue<>();
  private final Runnable waker;
  private volatile boolean closed;

  Arrivals(Runnable waker) {
    this.waker = waker;
  }

  void add(Answer<I, O> answer) {
    if (!closed) {
      answers.add(answer);
      waker.run();
    }
  }

  /** Null if there is none. */
  Answer<I, O> poll() {
    return answers.poll();
  }

  /** What comes from now on is dropped. */
  void close() {
    closed = true;
    answers.clear();
  }
}
