package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.runtime.exchange.Element.Barrier;
import io.millrace.runtime.exchange.Element.EndOfInput;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever may interrupt a task's thread knows in front of the step that closes it. */
class ClosingStepTest {
  private enum End {
    FAILURE,
    FAILURE_TO_OPEN,
    END_OF_INPUT
  }

  private boolean closed;

  private Operator<Object, Object> operator(End end) {
    return new Operator<>() {
      @Override
      public void open(OperatorContext context, Output<Object> output) {
        if (end == End.FAILURE_TO_OPEN) {
          throw new IllegalStateException("cannot be opened");
        }
      }

      @Override
      public void process(Object value, long timestamp) {
        if (end == End.FAILURE) {
          throw new IllegalStateException("cannot be processed");
        }
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void isToldBeforeIt(End end) {
    var bench = new Bench().operator("some", () -> operator(end)).inputs(1).output(100);
    bench.send(0, Bench.batch("a", "b")).send(0, new EndOfInput()).send(0, new Barrier(1));
    bench.task().receive(new TaskCommand.Completed(1, true));
    boolean told = false;
    for (Progress progress = Progress.WORKED; progress != Progress.DONE; ) {
      assertThat(closed).isFalse();
      assertThat(progress).isEqualTo(Progress.WORKED);
      told = bench.task().closesNext();
      progress = bench.step(1);
    }
    assertThat(closed).isTrue();
    assertThat(told).isTrue();
  }
}
