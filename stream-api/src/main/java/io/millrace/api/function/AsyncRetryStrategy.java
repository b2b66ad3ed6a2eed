package io.millrace.api.function;

import java.io.Serializable;

/**
 * Whether and when a request is made again. {@link AsyncRetryStrategies} has the usual ones.
 *
 * @param <O> records that answers consist of
 */
public interface AsyncRetryStrategy<O> extends Serializable {
  /**
   * Whether there may be another try.
   *
   * @param currentAttempts tries so far, 1 after the first
   */
  boolean canRetry(int currentAttempts);

  /**
   * How long to wait before it, in milliseconds.
   *
   * @param currentAttempts tries so far, 1 after the first
   */
  long getBackoffTimeMillis(int currentAttempts);

  AsyncRetryPredicate<O> getRetryPredicate();
}
