package io.millrace.it;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Waits for conditions that other processes bring about, by looking again and again. */
final class Await {
  private static final long FIRST_PAUSE_MILLIS = 10;

  /** Each look costs those who are looked at some of the machine's time. */
  private static final long LONGEST_PAUSE_MILLIS = 100;

  private Await() {}

  /**
   * Returns when {@code condition} holds; fails when {@code deadline} has passed.
   *
   * @param what completes the sentence "waited in vain for ..."
   */
  static void until(String what, Duration deadline, Callable<Boolean> condition) throws Exception {
    value(what, deadline, () -> condition.call() ? Optional.of(true) : Optional.empty());
  }

  /** As {@link #until}, for the first value that {@code source} has. */
  static <T> T value(String what, Duration deadline, Callable<Optional<T>> source)
      throws Exception {
    return value(what, deadline, LONGEST_PAUSE_MILLIS, source);
  }

  /** As {@link #value}, for what has to be seen at once. */
  static <T> T closely(String what, Duration deadline, Callable<Optional<T>> source)
      throws Exception {
    return value(what, deadline, FIRST_PAUSE_MILLIS, source);
  }

  private static <T> T value(
      String what, Duration deadline, long longestPauseMillis, Callable<Optional<T>> source)
      throws Exception {
    long end = System.nanoTime() + deadline.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      Optional<T> value = source.call();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "waited in vain for " + what + " during " + deadline.toMillis() + " ms");
      }
      Thread.sleep(pause);
      pause = Math.min(longestPauseMillis, pause * 2);
    }
  }
}
