package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AnswersOfOtherThreadsTest {
  /** Asks a service with threads of its own, and keeps count of all that it ever asked. */
  private static final class Asks extends RichAsyncFunction<Long, String>
      implements CheckpointedFunction, CheckpointListener {
    private transient ExecutorService service;
    private transient ListState<Long> state;
    private transient long asked;
    private transient long complete;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      state =
          context
              .getOperatorStateStore()
              .getListState(new ListStateDescriptor<>("asked", Long.class));
      for (long before : state.get()) {
        asked += before;
      }
    }

    @Override
    public void open(OpenContext context) {
      service = Executors.newCachedThreadPool();
    }

    @Override
    public void asyncInvoke(Long number, ResultFuture<String> future) {
      String answer =
          ++asked
              + ": "
              + number
              + " of "
              + getRuntimeContext().getTaskInfo().getTaskName()
              + " after "
              + complete;
      CompletableFuture.runAsync(() -> future.complete(List.of(answer)), service);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      state.update(List.of(asked));
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      complete = checkpoint;
    }

    @Override
    public void close() {
      service.shutdownNow();
    }
  }

  private static final class Doubles extends RichAsyncFunction<Long, Long> {
    private transient ExecutorService service;

    @Override
    public void open(OpenContext context) {
      service = Executors.newCachedThreadPool();
    }

    @Override
    public void asyncInvoke(Long number, ResultFuture<Long> future) {
      CompletableFuture.runAsync(() -> future.complete(List.of(2 * number)), service);
    }

    @Override
    public void close() {
      service.shutdownNow();
    }
  }

  private static DataStream<Long> doubled(DataStream<Long> numbers) {
    return AsyncDataStream.unorderedWait(numbers, new Doubles(), 1, TimeUnit.HOURS, 3);
  }

  @Test
  void aCallReturnsWhenTheAnswersAreHere() {
    try (var harness = new OperatorHarness().awaitAnswers()) {
      var numbers = harness.input(Long.class);
      var answers =
          harness.output(
              AsyncDataStream.orderedWait(numbers.stream(), new Asks(), 1, TimeUnit.HOURS, 10)
                  .name("asks"));
      harness.open();
      numbers.processElement(10L);
      numbers.processElement(11L);
      var snapshot = harness.snapshot();
      harness.notifyOfCompletedCheckpoint(snapshot.checkpoint());
      numbers.processElement(12L);
      assertThat(answers.values())
          .containsExactly(
              "1: 10 of asks after 0", "2: 11 of asks after 0", "3: 12 of asks after 1");
      harness.restore(snapshot);
      numbers.processElement(13L);
      assertThat(answers.values()).endsWith("2: 11 of asks after 0", "3: 13 of asks after 0");
    }
  }

  @Test
  void holdsTheContract() {
    var contract = new OperatorContract().awaitAnswers().orders(100);
    var numbers = contract.input(Long.class);
    numbers.channel().element(1L, 1).watermark(5).element(2L, 8);
    numbers.channel().element(11L, 2).watermark(6).element(12L, 9);
    contract.output(doubled(numbers.stream())).holds();
  }
}
