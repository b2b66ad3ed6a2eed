package io.millrace.simulator;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.function.AsyncRetryStrategies.ExponentialBackoffDelayRetryStrategyBuilder;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RetryPredicates;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.simulator.Outside.Outcome;
import io.millrace.simulator.RandomJob.Item;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Asks the {@link Outside} about each item, which comes back as it is, however the request ends:
 * answered, answered twice, failed and asked again, or too late.
 */
final class Asking extends RichAsyncFunction<Item, Item> {
  private transient Outside outside;

  static DataStream<Item> about(SplittableRandom chance, DataStream<Item> items, boolean ordered) {
    int capacity = 1 + chance.nextInt(12);
    long timeout = 100 + chance.nextInt(1_000);
    AsyncRetryStrategy<Item> retry =
        new ExponentialBackoffDelayRetryStrategyBuilder<Item>(Integer.MAX_VALUE, 5, 100, 2)
            .ifException(RetryPredicates.HAS_EXCEPTION_PREDICATE)
            .build();
    return ordered
        ? AsyncDataStream.orderedWaitWithRetry(
            items, new Asking(), timeout, TimeUnit.MILLISECONDS, capacity, retry)
        : AsyncDataStream.unorderedWaitWithRetry(
            items, new Asking(), timeout, TimeUnit.MILLISECONDS, capacity, retry);
  }

  @Override
  public void open(OpenContext context) {
    outside = LedgerLoader.outsideIn(getRuntimeContext().getUserCodeClassLoader()).orElse(null);
  }

  @Override
  public void asyncInvoke(Item item, ResultFuture<Item> future) {
    Outcome outcome = outside == null ? Outcome.ANSWER : outside.outcome();
    switch (outcome) {
      case ANSWER -> later(() -> future.complete(List.of(item)));
      case ANSWERED_TWICE ->
          later(
              () -> {
                future.complete(List.of(item));
                later(() -> future.complete(List.of(new Item(-1, -1, -1, -1))));
              });
      case ERROR -> later(() -> future.completeExceptionally(new IOException("asked again")));
      case SILENCE -> {}
    }
  }

  private void later(Runnable answer) {
    if (outside == null) {
      answer.run();
    } else {
      outside.later(answer);
    }
  }

  @Override
  public void timeout(Item item, ResultFuture<Item> future) {
    future.complete(List.of(item));
  }
}
