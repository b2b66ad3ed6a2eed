package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.metrics.MeterView;
import io.millrace.api.metrics.MetricGroup;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.runtime.task.TaskEvent.Measured;
import io.millrace.runtime.task.TaskEvent.Measurement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Metrics are read on the task's thread, now and then and at its end. */
class MeasuringTest {
  /** Counts records, and how many of them a second brings; refuses {@code "bad"}. */
  private static final class Count implements Operator<Object, Object> {
    private MetricGroup group;
    private MeterView rate;

    @Override
    public void open(OperatorContext context, Output<Object> output) {
      group = context.metrics().group();
      rate = group.meter("rate", new MeterView(60));
    }

    @Override
    public void process(Object value, long timestamp) {
      if (value.equals("bad")) {
        throw new IllegalStateException("bad");
      }
      group.addGroup("of").counter((String) value).inc();
      rate.markEvent();
    }
  }

  private final Bench bench =
      new Bench().operator("count", Count::new).set("metrics.log.interval", "20 s").inputs(1);

  @Test
  void theyAreToldAtTheIntervalAndTheTaskAsksToBeSteppedForIt() {
    bench.send(0, Bench.batch("a", "b", "a")).settle();
    assertThat(bench.said(Measured.class)).isEmpty();
    while (bench.now < 21_000) {
      assertThat(bench.task().wakeAtMillis()).isBetween(bench.now + 1, bench.now + 5_000);
      bench.now = bench.task().wakeAtMillis();
      bench.settle();
    }

    assertThat(bench.said(Measured.class))
        .containsExactly(
            measured(Map.of("of.a", 2L, "of.b", 1L, "rate.count", 3L, "rate.rate", 0.15)));
  }

  @Test
  void theyAreToldWhenTheTaskEnds() {
    bench.send(0, Bench.batch("a")).settle();
    bench.task().receive(new TaskCommand.Cancel());
    bench.settle();

    assertThat(bench.events).last().isEqualTo(new TaskEvent.Ended());
    assertThat(bench.said(Measured.class))
        .containsExactly(measured(Map.of("of.a", 1L, "rate.count", 1L, "rate.rate", 0.0)));
  }

  @Test
  void theyAreToldWhenTheTaskFails() {
    bench.send(0, Bench.batch("a", "bad")).settle();
    assertThat(bench.said(TaskEvent.Failed.class)).hasSize(1);
    assertThat(bench.said(Measured.class))
        .containsExactly(measured(Map.of("of.a", 1L, "rate.count", 1L, "rate.rate", 0.0)));
  }

  @Test
  void whoMeasuresNothingIsSilentAndSleeps() {
    var silent = new Bench().operator("pass", Silent::new).inputs(1);
    silent.send(0, Bench.batch("a")).settle();
    silent.now += 100_000;
    silent.settle();
    assertThat(silent.task().wakeAtMillis()).isEqualTo(Long.MAX_VALUE);
    silent.task().receive(new TaskCommand.Cancel());
    silent.settle();
    assertThat(silent.said(Measured.class)).isEmpty();
  }

  private static final class Silent implements Operator<Object, Object> {
    @Override
    public void open(OperatorContext context, Output<Object> output) {}

    @Override
    public void process(Object value, long timestamp) {}
  }

  private static Measured measured(Map<String, Object> values) {
    return new Measured(List.of(new Measurement("count", values)));
  }
}
