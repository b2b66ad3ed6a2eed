package io.millrace.examples;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.AsyncRetryStrategies.FixedDelayRetryStrategyBuilder;
import io.millrace.api.function.AsyncRetryStrategy;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RetryPredicates;
import io.millrace.api.function.RichAsyncFunction;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Orders and the names of their customers, which a slow directory knows: one line {@code <order>
 * <name>} for each order, in their order with {@code --ordered true}.
 *
 * <p>{@code [--output <directory>] [--count <orders>] [--ordered <true or false>]}
 */
public final class AsyncLookup {
  private static final int CAPACITY = 50;

  public static void main(String[] words) throws Exception {
    var arguments =
        new Arguments(
            "[--output <directory>] [--count <orders>] [--ordered <true or false>]",
            List.of("output", "count", "ordered"),
            words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Long> orders = env.fromSequence(0, arguments.number("count", 1_000) - 1);
    boolean ordered = arguments.has("ordered") && arguments.text("ordered").equals("true");
    DataStream<String> named = named(orders, ordered);
    if (arguments.has("output")) {
      named.writeAsText(arguments.text("output"));
    } else {
      named.print();
    }
    env.execute("Async lookup");
  }

  private static DataStream<String> named(DataStream<Long> orders, boolean ordered) {
    AsyncRetryStrategy<String> retry =
        new FixedDelayRetryStrategyBuilder<String>(3, 100)
            .ifException(RetryPredicates.createExceptionTypePredicate(IOException.class))
            .build();
    return ordered
        ? AsyncDataStream.orderedWaitWithRetry(
            orders, new Lookup(), 10, TimeUnit.SECONDS, CAPACITY, retry)
        : AsyncDataStream.unorderedWaitWithRetry(
            orders, new Lookup(), 10, TimeUnit.SECONDS, CAPACITY, retry);
  }

  /** Asks the directory; a name that does not come in time is not known. */
  static final class Lookup extends RichAsyncFunction<Long, String> {
    private transient Directory directory;

    @Override
    public void open(OpenContext context) {
      directory = new Directory();
    }

    @Override
    public void asyncInvoke(Long order, ResultFuture<String> result) {
      directory
          .nameOf(order)
          .whenComplete(
              (name, error) -> {
                if (error == null) {
                  result.complete(List.of(order + " " + name));
                } else {
                  result.completeExceptionally(error);
                }
              });
    }

    @Override
    public void timeout(Long order, ResultFuture<String> result) {
      result.complete(List.of(order + " unknown"));
    }

    @Override
    public void close() {
      if (directory != null) {
        directory.close();
      }
    }
  }

  /** Stands for a client of some service: answers from threads of its own, after a while. */
  private static final class Directory implements AutoCloseable {
    private static final List<String> NAMES = List.of("tom", "jerry", "alice", "bob");

    private final ExecutorService threads = Executors.newFixedThreadPool(8);

    CompletableFuture<String> nameOf(long order) {
      return CompletableFuture.supplyAsync(
          () -> NAMES.get((int) (order % NAMES.size())),
          CompletableFuture.delayedExecutor(1 + order % 5, TimeUnit.MILLISECONDS, threads));
    }

    @Override
    public void close() {
      threads.shutdownNow();
    }
  }

  private AsyncLookup() {}
}
