package io.millrace.api.operator.async;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.type.TypeInformation;
import java.util.Objects;

/**
 * Makes operators that ask something outside for each record.
 *
 * @param inputType of the records, which are kept in checkpoints
 * @param timeoutMillis in which a request must be answered; 0 for no limit
 * @param capacity of open requests
 * @param ordered whether answers leave in the order of the records
 */
public record AsyncFactory<I, O>(
    AsyncFunction<I, O> function,
    AsyncRetryStrategy<O> retry,
    TypeInformation<I> inputType,
    long timeoutMillis,
    int capacity,
    boolean ordered)
    implements OperatorFactory<I, O> {
  public AsyncFactory {
    Objects.requireNonNull(function, "function");
    Objects.requireNonNull(retry, "retry");
    if (timeoutMillis < 0) {
      throw new IllegalArgumentException(
          "the timeout of asynchronous requests must be at least 0, found "
              + timeoutMillis
              + " ms");
    }
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "the capacity of asynchronous requests must be at least 1, found " + capacity);
    }
  }

  @Override
  public Operator<I, O> create() {
    return new AsyncOperator<>(this);
  }
}
