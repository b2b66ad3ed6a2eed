package io.millrace.runtime.exchange;

/**
 * Tells the thread that steps a task that there is something to do. Callable from any thread,
 * cheap, may come too often.
 */
@FunctionalInterface
public interface Waker {
  Waker NONE = () -> {};

  void wake();
}
