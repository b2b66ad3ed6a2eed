package io.millrace.runtime.checkpoint;

import java.time.Duration;

/**
 * What a {@link Procedure} wants next.
 *
 * @param <R> what the procedure comes to
 */
public sealed interface Step<R> {
  /**
   * Do this and bring the outcome.
   *
   * @param failures in a row of this very operation; the driver waits longer with each
   */
  record Do<R>(NameOp op, int failures) implements Step<R> {
    /** How long to wait before doing it. */
    public Duration pause() {
      return Duration.ofMillis(failures == 0 ? 0 : Math.min(5_000, 50L << Math.min(failures, 10)));
    }
  }

  /** The procedure has come to its end. */
  record Done<R>(R result) implements Step<R> {}

  /** The store did not let the procedure come to an end; what it did may or may not be there. */
  record Failed<R>(String reason) implements Step<R> {}
}
