package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import org.junit.jupiter.api.Test;

/** What a function is told of the time when a timer fires, of either domain. */
class TimerContextTest {
  private static final MapStateDescriptor<String, String> RULES =
      new MapStateDescriptor<>("rules", String.class, String.class);

  private static final OutputTag<String> ASIDE = new OutputTag<>("aside") {};

  private static final class Process extends KeyedProcessFunction<String, String, String> {
    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      if (context.timestamp() == 7) {
        context.timerService().registerProcessingTimeTimer(100);
        context.timerService().registerEventTimeTimer(50);
      }
      out.collect("element " + context.timestamp());
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(time + " " + context.timestamp() + " " + context.timeDomain());
      context.output(ASIDE, "timer " + time);
    }
  }

  private static final class CoProcess
      extends KeyedCoProcessFunction<String, String, String, String> {
    @Override
    public void processElement1(String value, Context context, Collector<String> out) {
      if (context.timestamp() == 7) {
        context.timerService().registerProcessingTimeTimer(100);
        context.timerService().registerEventTimeTimer(50);
      }
      out.collect("element " + context.timestamp());
    }

    @Override
    public void processElement2(String value, Context context, Collector<String> out) {}

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(time + " " + context.timestamp() + " " + context.timeDomain());
      context.output(ASIDE, "timer " + time);
    }
  }

  private static final class Broadcast
      extends KeyedBroadcastProcessFunction<String, String, String, String> {
    @Override
    public void processElement(String value, ReadOnlyContext context, Collector<String> out) {
      if (context.timestamp() == 7) {
        context.timerService().registerProcessingTimeTimer(100);
        context.timerService().registerEventTimeTimer(50);
      }
      out.collect("element " + context.timestamp());
    }

    @Override
    public void processBroadcastElement(String value, Context context, Collector<String> out) {}

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(time + " " + context.timestamp() + " " + context.timeDomain());
      context.output(ASIDE, "timer " + time);
    }
  }

  private static final class Plain extends ProcessFunction<String, String> {
    @Override
    public void processElement(String value, Context context, Collector<String> out) {
      if (context.timestamp() == 7) {
        context.timerService().registerProcessingTimeTimer(100);
        context.timerService().registerEventTimeTimer(50);
      }
      out.collect("element " + context.timestamp());
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(time + " " + context.timestamp() + " " + context.timeDomain());
      context.output(ASIDE, "timer " + time);
    }
  }

  private static final class PlainCo extends CoProcessFunction<String, String, String> {
    @Override
    public void processElement1(String value, Context context, Collector<String> out) {
      if (context.timestamp() == 7) {
        context.timerService().registerProcessingTimeTimer(100);
        context.timerService().registerEventTimeTimer(50);
      }
      out.collect("element " + context.timestamp());
    }

    @Override
    public void processElement2(String value, Context context, Collector<String> out) {}

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect(time + " " + context.timestamp() + " " + context.timeDomain());
      context.output(ASIDE, "timer " + time);
    }
  }

  private final OperatorHarness harness = new OperatorHarness();
  private final Input<String> words = harness.input(String.class);

  @Test
  void ofOneInput() {
    tellsTheTimersTime(words.stream().keyBy(word -> word).process(new Process()));
  }

  @Test
  void ofTwoInputs() {
    Input<String> second = harness.input(String.class);
    tellsTheTimersTime(
        words.stream()
            .keyBy(word -> word)
            .connect(second.stream().keyBy(word -> word))
            .process(new CoProcess()),
        second);
  }

  @Test
  void ofOneInputWithoutItsKey() {
    tellsTheTimersTime(words.stream().keyBy(word -> word).process(new Plain()));
  }

  @Test
  void ofTwoInputsWithoutTheirKey() {
    Input<String> second = harness.input(String.class);
    tellsTheTimersTime(
        words.stream()
            .keyBy(word -> word)
            .connect(second.stream().keyBy(word -> word))
            .process(new PlainCo()),
        second);
  }

  @Test
  void besideABroadcast() {
    Input<String> rules = harness.input(String.class);
    tellsTheTimersTime(
        words.stream()
            .keyBy(word -> word)
            .connect(rules.stream().broadcast(RULES))
            .process(new Broadcast()),
        rules);
  }

  @SafeVarargs
  private void tellsTheTimersTime(
      SingleOutputStreamOperator<String> stream, Input<String>... others) {
    Output<String> told = harness.output(stream);
    Output<String> aside = harness.output(stream.getSideOutput(ASIDE));
    harness.open();
    words.processElement("a", 7);
    harness.setProcessingTime(100);
    words.processElement("a", 8);
    for (Input<String> other : others) {
      other.processWatermark(60);
    }
    words.processWatermark(60);

    assertThat(told.values())
        .containsExactly("element 7", "100 100 PROCESSING_TIME", "element 8", "50 50 EVENT_TIME");
    assertThat(aside.records().stream().map(each -> each.value() + "@" + each.timestamp()))
        .containsExactly("timer 100@100", "timer 50@50");
    harness.close();
  }
}
