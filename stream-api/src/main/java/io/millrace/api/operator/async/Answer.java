package io.millrace.api.operator.async;

import io.millrace.api.function.ResultFuture;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What one try of a request comes to; handed in by any thread, once. Knows the door that answers
 * come in by but not the operator, so that a client that keeps it keeps little.
 */
final class Answer<I, O> implements ResultFuture<O> {
  final Request<I, O> request;
  private final Arrivals<I, O> arrivals;
  private final AtomicBoolean given = new AtomicBoolean();

  // Written before the answer enters, read after.
  private Collection<O> results;
  private Throwable error;

  Answer(Request<I, O> request, Arrivals<I, O> arrivals) {
    this.request = request;
    this.arrivals = arrivals;
  }

  @Override
  public void complete(Collection<O> results) {
    if (results == null) {
      completeExceptionally(
          new IllegalArgumentException(
              "an asynchronous function completed a request with null; an answer without records is"
                  + " an empty collection"));
      return;
    }
    Collection<O> own;
    try {
      own = copy(results);
    } catch (RuntimeException e) {
      completeExceptionally(e); // a collection that fails only now is no answer either
      return;
    }
    if (given.compareAndSet(false, true)) {
      this.results = own;
      arrivals.add(this);
    }
  }

  private static <O> Collection<O> copy(Collection<O> results) {
    return switch (results.size()) {
      case 0 -> List.of();
      case 1 -> Collections.singletonList(results.iterator().next());
      default -> new ArrayList<>(results);
    };
  }

  @Override
  public void completeExceptionally(Throwable error) {
    if (given.compareAndSet(false, true)) {
      this.error =
          error != null
              ? error
              : new IllegalArgumentException(
                  "an asynchronous function completed a request exceptionally with null");
      arrivals.add(this);
    }
  }

  /** Whether it is on its way to the operator, or has come there. */
  boolean isGiven() {
    return given.get();
  }

  Collection<O> results() {
    return results;
  }

  /** Null if there are results. */
  Throwable error() {
    return error;
  }
}
