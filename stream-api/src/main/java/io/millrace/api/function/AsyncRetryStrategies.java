package io.millrace.api.function;

import io.millrace.api.function.RetryPredicates.Serialized;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** The usual ways to make a request again. */
public final class AsyncRetryStrategies {
  /** Each request is made once. */
  public static <O> AsyncRetryStrategy<O> noRetry() {
    return new Backoff<>(0, 1, 1, 1, null, null);
  }

  /**
   * Always the same pause. Without {@code ifResult} and {@code ifException} nothing is retried.
   *
   * @param <O> records that answers consist of
   */
  public static final class FixedDelayRetryStrategyBuilder<O> {
    private final int maxAttempts;
    private final long delayMillis;
    private Serialized<? super Collection<O>> ifResult;
    private Serialized<? super Throwable> ifException;

    /**
     * @param maxAttempts retries of a request, 1 or more
     * @param backoffTimeMillis before each of them, more than 0
     */
    public FixedDelayRetryStrategyBuilder(int maxAttempts, long backoffTimeMillis) {
      check(maxAttempts, backoffTimeMillis);
      this.maxAttempts = maxAttempts;
      this.delayMillis = backoffTimeMillis;
    }

    /** Which results are to be asked for again. */
    public FixedDelayRetryStrategyBuilder<O> ifResult(Serialized<? super Collection<O>> predicate) {
      ifResult = Objects.requireNonNull(predicate, "predicate");
      return this;
    }

    /** After which errors to ask again. */
    public FixedDelayRetryStrategyBuilder<O> ifException(Serialized<? super Throwable> predicate) {
      ifException = Objects.requireNonNull(predicate, "predicate");
      return this;
    }

    public AsyncRetryStrategy<O> build() {
      return new Backoff<>(maxAttempts, delayMillis, delayMillis, 1, ifResult, ifException);
    }
  }

  /**
   * A pause that grows from try to try. Without {@code ifResult} and {@code ifException} nothing is
   * retried.
   *
   * @param <O> records that answers consist of
   */
  public static final class ExponentialBackoffDelayRetryStrategyBuilder<O> {
    private final int maxAttempts;
    private final long initialDelayMillis;
    private final long maxDelayMillis;
    private final double multiplier;
    private Serialized<? super Collection<O>> ifResult;
    private Serialized<? super Throwable> ifException;

    /**
     * @param maxAttempts retries of a request, 1 or more
     * @param initialDelay milliseconds before the first of them, more than 0
     * @param maxRetryDelay milliseconds that no pause is longer than
     * @param multiplier of each pause for the next one, 1 or more
     */
    public ExponentialBackoffDelayRetryStrategyBuilder(
        int maxAttempts, long initialDelay, long maxRetryDelay, double multiplier) {
      check(maxAttempts, initialDelay);
      if (maxRetryDelay < initialDelay || !(multiplier >= 1)) {
        throw new IllegalArgumentException(
            "the longest pause must be at least the first one and the multiplier at least 1, found "
                + maxRetryDelay
                + " ms after "
                + initialDelay
                + " ms and "
                + multiplier);
      }
      this.maxAttempts = maxAttempts;
      this.initialDelayMillis = initialDelay;
      this.maxDelayMillis = maxRetryDelay;
      this.multiplier = multiplier;
    }

    /** Which results are to be asked for again. */
    public ExponentialBackoffDelayRetryStrategyBuilder<O> ifResult(
        Serialized<? super Collection<O>> predicate) {
      ifResult = Objects.requireNonNull(predicate, "predicate");
      return this;
    }

    /** After which errors to ask again. */
    public ExponentialBackoffDelayRetryStrategyBuilder<O> ifException(
        Serialized<? super Throwable> predicate) {
      ifException = Objects.requireNonNull(predicate, "predicate");
      return this;
    }

    public AsyncRetryStrategy<O> build() {
      return new Backoff<>(
          maxAttempts, initialDelayMillis, maxDelayMillis, multiplier, ifResult, ifException);
    }
  }

  private static void check(int maxAttempts, long delayMillis) {
    if (maxAttempts < 1 || delayMillis < 1) {
      throw new IllegalArgumentException(
          "a request is retried at least once after at least 1 ms, found "
              + maxAttempts
              + " times after "
              + delayMillis
              + " ms");
    }
  }

  /** Pauses as of a geometric sequence. */
  private record Backoff<O>(
      int maxAttempts,
      long initialDelayMillis,
      long maxDelayMillis,
      double multiplier,
      Serialized<? super Collection<O>> ifResult,
      Serialized<? super Throwable> ifException)
      implements AsyncRetryStrategy<O>, AsyncRetryPredicate<O> {
    @Override
    public boolean canRetry(int currentAttempts) {
      return currentAttempts <= maxAttempts;
    }

    @Override
    public long getBackoffTimeMillis(int currentAttempts) {
      double grown = initialDelayMillis * Math.pow(multiplier, currentAttempts - 1);
      return (long) Math.min(maxDelayMillis, grown);
    }

    @Override
    public AsyncRetryPredicate<O> getRetryPredicate() {
      return this;
    }

    @Override
    public Optional<Predicate<Collection<O>>> resultPredicate() {
      return Optional.ofNullable(ifResult).map(predicate -> predicate::test);
    }

    @Override
    public Optional<Predicate<Throwable>> exceptionPredicate() {
      return Optional.ofNullable(ifException).map(predicate -> predicate::test);
    }
  }

  private AsyncRetryStrategies() {}
}
