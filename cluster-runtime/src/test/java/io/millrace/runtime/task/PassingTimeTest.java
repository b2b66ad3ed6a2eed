package io.millrace.runtime.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.ResultFuture;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowStagger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Calls that last: time goes on within them. */
class PassingTimeTest {
  private static final long START = 1_001_000;

  private Bench bench;

  /** What an operator does with a record, or when a timer fires. */
  private interface Code {
    void run(String value, OperatorContext context, Output<Object> out) throws Exception;
  }

  private Bench bench(Code onRecord, Code onTimer) {
    bench = new Bench();
    bench
        .operator(
            "slow",
            () ->
                new Operator<>() {
                  private OperatorContext context;
                  private Output<Object> out;

                  @Override
                  public void open(OperatorContext itsContext, Output<Object> output) {
                    context = itsContext;
                    out = output;
                  }

                  @Override
                  public void process(Object value, long timestamp) throws Exception {
                    onRecord.run(value.toString(), context, out);
                  }

                  @Override
                  public void onTimer(long time, TimerDomain domain) throws Exception {
                    onTimer.run("" + (time - START), context, out);
                  }
                })
        .keyedInputs(1, value -> "key")
        .output(100);
    return bench;
  }

  private static Code noTimer() {
    return (time, context, out) -> {
      throw new IllegalStateException("no timer is set");
    };
  }

  private List<String> afterOne(String... records) {
    bench.send(0, Bench.batch((Object[]) records)).settle();
    return bench.received(0);
  }

  @Test
  void eachLookAtTheClockSeesTheTimeOfThatMoment() {
    bench(
        (value, context, out) -> {
          long before = context.processingTimeMillis();
          bench.now += 700;
          out.collect(context.processingTimeMillis() - before, 0);
        },
        noTimer());
    assertThat(afterOne("a", "b")).containsExactly("700", "700");
  }

  @Test
  void stateThatExpiresWithinACallIsNotReturned() {
    var descriptor = new ValueStateDescriptor<>("value", String.class);
    descriptor.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofMillis(500)).build());
    bench(
        (value, context, out) -> {
          ValueState<String> state = context.keyed().value(descriptor);
          out.collect(state.value() + " then", 0);
          state.update(value);
          bench.now += 499;
          out.collect(state.value() + " soon after", 0);
          bench.now += 1;
          out.collect(state.value() + " at last", 0);
          state.update(value);
        },
        noTimer());
    assertThat(afterOne("a", "b"))
        .containsExactly(
            "null then", "a soon after", "null at last", "a then", "b soon after", "null at last");
  }

  @Test
  void aTimerForALaterMomentOfTheCallFiresWhenTheCallIsOver() {
    bench(
        (value, context, out) -> {
          bench.now += 300;
          context.keyed().setTimer(TimerDomain.PROCESSING_TIME, context.processingTimeMillis());
          bench.now += Long.parseLong(value);
          out.collect("set", 0);
        },
        (time, context, out) ->
            out.collect(time + " at " + (context.processingTimeMillis() - START), 0));
    assertThat(afterOne("200")).containsExactly("set", "300 at 500");
  }

  /** Neither for the function that set it nor for the one that it calls. */
  @Test
  void noTimerFiresBeforeItsTimeAndNoneOfOneThatIsAheadIsLate() {
    bench(
        (value, context, out) -> {
          bench.now += 300;
          long time = context.processingTimeMillis() + 10;
          context.keyed().setTimer(TimerDomain.PROCESSING_TIME, time);
        },
        (time, context, out) ->
            out.collect(time + " at " + (context.processingTimeMillis() - START), 0));
    assertThat(afterOne("a")).isEmpty();
    assertThat(bench.task().wakeAtMillis()).isEqualTo(bench.now + 10);
    bench.now += 9;
    bench.settle();
    assertThat(bench.received(0)).isEmpty();
    bench.now += 1;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("310 at 310");
  }

  @Test
  void aClockThatIsSetBackStandsUntilTheCallIsOver() {
    bench(
        (value, context, out) -> {
          long first = context.processingTimeMillis() - START;
          bench.now += 300;
          long then = context.processingTimeMillis() - START;
          bench.now -= 500;
          out.collect(first + " " + then + " " + (context.processingTimeMillis() - START), 0);
        },
        noTimer());
    assertThat(afterOne("a")).containsExactly("0 300 300");
    assertThat(afterOne("b")).containsExactly("-200 100 100");
  }

  /** Not from when the call before it began. */
  @Test
  void theTimeoutOfARequestCountsFromWhenItIsMade() {
    var slow =
        new Outside() {
          @Override
          public void asyncInvoke(Object input, ResultFuture<Object> future) {
            super.asyncInvoke(input, future);
            bench.now += input.equals("slow") ? 300 : 0;
          }

          @Override
          public void timeout(Object input, ResultFuture<Object> future) {
            future.complete(List.of(input + " is late"));
          }
        };
    bench = Outside.bench(slow, true, 10, 400, Outside.ONCE, TaskBlueprint.Restored.NOTHING);
    bench.send(0, Bench.batch("slow", "a")).settle();
    bench.now += 399;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("slow is late");
    bench.now += 1;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a is late");
  }

  /** Else a record may be in a window of which its trigger thinks that it is over. */
  @Test
  void aRecordsWindowItsOffsetAndItsTriggerAreOfOneMoment() {
    for (var windows :
        List.of(
            TumblingProcessingTimeWindows.of(Duration.ofMillis(1)),
            TumblingProcessingTimeWindows.of(
                Duration.ofMillis(1_000), Duration.ZERO, WindowStagger.NATURAL))) {
      bench = new Bench();
      bench.perLook = 1;
      bench
          .part("windows", Vertex.Role.OPERATOR, fired(windows))
          .keyedInputs(1, value -> value)
          .output(100);
      assertThat(afterOne("a")).as("%s", windows).containsExactly("at its start");
    }
  }

  @Test
  void aRecordsWindowAndItsOffsetAreOfOneMomentAlsoInSlices() {
    bench = new Bench();
    bench.perLook = 1;
    bench
        .part("windows", Vertex.Role.OPERATOR, reduced(Duration.ofSeconds(10)))
        .keyedInputs(1, value -> value)
        .output(100);
    assertThat(afterOne("a")).as("in a window that has just begun").isEmpty();
    bench.now += 10_000;
    bench.settle();
    assertThat(bench.received(0)).containsExactly("a");
  }

  @SuppressWarnings("unchecked") // as below
  private static Object reduced(Duration size) {
    var windows = TumblingProcessingTimeWindows.of(size, Duration.ZERO, WindowStagger.NATURAL);
    return WindowOperators.reduce(
        new WindowSpec<>(
            (WindowAssigner<String, TimeWindow>) (WindowAssigner<?, TimeWindow>) windows,
            null,
            null,
            0,
            null),
        (one, other) -> one,
        TypeInformation.of(String.class),
        WindowCall.<String, TimeWindow, String>pass());
  }

  /** Tells of a window that is there from its first millisecond. */
  @SuppressWarnings("unchecked") // as the engine: records are Objects
  private static Object fired(WindowAssigner<Object, TimeWindow> windows) {
    return WindowOperators.list(
        new WindowSpec<>(
            (WindowAssigner<String, TimeWindow>) (WindowAssigner<?, TimeWindow>) windows,
            (Trigger<String, TimeWindow>) (Trigger<?, TimeWindow>) new AtItsStart(),
            null,
            0,
            null),
        TypeInformation.of(String.class),
        WindowCall.<String, TimeWindow, String, String>of(
            (key, window, values, out) -> out.collect("at its start")));
  }

  private static final class AtItsStart extends Trigger<Object, TimeWindow> {
    @Override
    public TriggerResult onElement(
        Object value, long timestamp, TimeWindow window, TriggerContext context) {
      return context.getCurrentProcessingTime() == window.getStart()
          ? TriggerResult.FIRE_AND_PURGE
          : TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext context) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext context) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public void clear(TimeWindow window, TriggerContext context) {}
  }
}
