package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.MapFunction;
import io.millrace.api.operator.Operators;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.kernel.Purpose;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What functions hear of the checkpoints that they were cut for. */
class OutcomesTest {
  private final List<String> heard = new ArrayList<>();
  private final Bench bench =
      new Bench()
          .operator("first", () -> Operators.map(new Listening("a")).create())
          .operator("deaf", () -> Programs.map(value -> value))
          .operator("last", () -> Operators.map(new Listening("b")).create())
          .inputs(1)
          .output(10);

  private final class Listening
      implements MapFunction<Object, Object>, CheckpointedFunction, CheckpointListener {
    private final String name;

    Listening(String name) {
      this.name = name;
    }

    @Override
    public Object map(Object value) {
      return value;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      heard.add(name + " cut " + context.getCheckpointId());
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      heard.add(name + " complete " + checkpointId);
      if (checkpointId == 666) {
        throw new IllegalStateException("cannot take it");
      }
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) {
      heard.add(name + " aborted " + checkpointId);
    }
  }

  private void cut(long checkpoint, Purpose purpose) {
    bench.send(0, new Barrier(checkpoint, purpose)).settle();
  }

  private void cut(long... checkpoints) {
    for (long checkpoint : checkpoints) {
      cut(checkpoint, Purpose.CHECKPOINT);
    }
    heard.clear();
  }

  private void completed(long checkpoint) {
    bench.task().receive(new TaskCommand.Completed(checkpoint, false));
    bench.settle();
  }

  private void aborted(long upTo) {
    bench.task().receive(new TaskCommand.Aborted(upTo));
    bench.settle();
  }

  @Test
  void everyListenerOfTheChainHearsOnceWhatIsSaidTwice() {
    cut(1, Purpose.CHECKPOINT);
    completed(1);
    completed(1);

    assertThat(heard).containsExactly("a cut 1", "b cut 1", "a complete 1", "b complete 1");
  }

  @Test
  void whatIsOlderIsSettledWithoutAWord() {
    cut(1, 2, 3);
    completed(2);
    completed(1);
    aborted(2);

    assertThat(heard).containsExactly("a complete 2", "b complete 2");
  }

  @Test
  void ofCheckpointsOfAnEarlierAttemptNothingIsHeard() {
    cut(8);
    completed(7);

    assertThat(heard).isEmpty();
  }

  @Test
  void allThatAreGivenUpAreToldInOrder() {
    cut(1, 2, 3);
    aborted(2);
    aborted(2);
    completed(3);

    assertThat(heard)
        .containsExactly(
            "a aborted 1",
            "b aborted 1",
            "a aborted 2",
            "b aborted 2",
            "a complete 3",
            "b complete 3");
  }

  /** The store had not answered. */
  @Test
  void whatWasGivenUpMayTurnOutToBeComplete() {
    cut(1);
    aborted(1);
    completed(1);

    assertThat(heard).containsExactly("a aborted 1", "b aborted 1", "a complete 1", "b complete 1");
  }

  @Test
  void aSavepointThatTheJobOutlivesIsNeitherCompleteNorGivenUp() {
    cut(1, Purpose.savepoint("hdfs:/savepoints/1"));
    cut(2, Purpose.CHECKPOINT);
    heard.clear();
    aborted(2);
    cut(3);
    completed(3);

    assertThat(heard).containsExactly("a complete 3", "b complete 3");
  }

  @Test
  void aListenerThatThrowsFailsTheTask() {
    cut(666);
    completed(666);

    TaskEvent.Failed failed = bench.said(TaskEvent.Failed.class).get(0);
    assertThat(failed.operator()).isEqualTo("first");
    assertThat(failed.cause()).hasMessage("cannot take it");
  }
}
