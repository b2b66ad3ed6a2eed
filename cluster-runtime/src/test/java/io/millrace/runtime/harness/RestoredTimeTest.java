package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.operator.Operator;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.runtime.harness.OperatorHarness.Input;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Event time that state had come to is there again before the first record. */
class RestoredTimeTest {
  private static final OutputTag<Long> LATE = new OutputTag<>("late") {};

  /** Timers that the cut came before fire ahead of what was in flight, combined or not. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void ofWindows(String combine) {
    try (var harness = new OperatorHarness().set("pipeline.combine", combine)) {
      var in = harness.input(Long.class);
      var out =
          harness.output(
              in.stream()
                  .keyBy(n -> n)
                  .window(
                      SlidingEventTimeWindows.of(Duration.ofMillis(1000), Duration.ofMillis(500)))
                  .reduce(Long::sum));
      harness.open();
      in.processElement(1L, 700);
      in.processWatermark(1000);
      harness.restore(harness.snapshot());
      assertThat(out.watermark()).isEqualTo(1000);
    }
  }

  /**
   * On the heap the times at which windows end are found in their state, in rows they are timers.
   */
  @ParameterizedTest
  @CsvSource({"hashmap, rocksdb", "rocksdb, hashmap", "hashmap, hashmap", "rocksdb, rocksdb"})
  void whenWindowsEndIsKnownInTheOtherStoreToo(String before, String after) {
    try (var harness = new OperatorHarness().set("state.backend.type", before)) {
      var in = harness.input(Long.class);
      var keyed = in.stream().keyBy(n -> n);
      var size = Duration.ofMillis(1000);
      var slide = Duration.ofMillis(500);
      var sliding =
          harness.output(keyed.window(SlidingEventTimeWindows.of(size, slide)).reduce(Long::sum));
      var sessions =
          harness.output(keyed.window(EventTimeSessionWindows.withGap(slide)).reduce(Long::sum));
      harness.open();
      for (long n = 0; n < 20; n++) {
        in.processElement(n, 100 * n);
      }
      harness.restore(harness.snapshot(), 2, after);
      in.processElement(3L, 350);
      in.processWatermark(9_000);

      List<Long> sums = LongStream.range(0, 20).mapToObj(n -> n == 3 ? 6L : n).toList();
      assertThat(sessions.values()).containsExactlyInAnyOrderElementsOf(sums);
      // Each is in two windows.
      var twice = new ArrayList<>(sums);
      twice.addAll(sums);
      assertThat(sliding.values()).containsExactlyInAnyOrderElementsOf(twice);
    }
  }

  /** Its partner is still there, but without a failure it would have come too late for it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void ofAnIntervalJoin(int parallelism) {
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var joined = joined(left, right);
      var out = harness.output(joined);
      var sideways = harness.output(joined.getSideOutput(LATE));
      harness.open();
      right.processElement(1L, 1000);
      right.processWatermark(1000);
      left.processWatermark(1000);
      harness.restore(harness.snapshot(), parallelism);
      assertThat(out.watermark()).isEqualTo(1000);
      left.processElement(1L, 995);
      left.processElement(1L, 1000);
      assertThat(out.values()).containsExactly("1@1000 1@1000");
      assertThat(sideways.values()).containsExactly(1L);
    }
  }

  /** A watermark that comes again ends nothing that the first one did not. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void ofAnIntervalJoinWhosePartnersHaveTheTimeOfTheWatermark(boolean failure) {
    try (var harness = new OperatorHarness()) {
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var sums =
          left.stream()
              .keyBy(n -> 0)
              .intervalJoin(right.stream().keyBy(n -> 0))
              .between(Duration.ZERO, Duration.ofMillis(1))
              .process(
                  new ProcessJoinFunction<Long, Long, Long>() {
                    @Override
                    public void processElement(
                        Long one, Long other, Context context, Collector<Long> out) {
                      out.collect(one + other);
                    }
                  });
      var out = harness.output(sums);
      harness.open();
      left.processWatermark(28);
      right.processWatermark(28);
      right.processElement(1L, 28);
      if (failure) {
        harness.restore(harness.snapshot());
        left.processWatermark(28);
        right.processWatermark(28);
      }
      left.processElement(2L, 28);
      assertThat(out.values()).containsExactly(3L);
    }
  }

  /**
   * Of two subtasks one had seen a watermark that waited before the other when barriers overtook
   * it. One subtask takes over the keys of both: of some what came before the watermark is late, of
   * others it is not.
   */
  @Test
  void ofAnIntervalJoinWhoseSubtasksHadComeDifferentlyFar() {
    try (var harness = new OperatorHarness()) {
      harness.set("execution.checkpointing.unaligned.enabled", "true").setParallelism(2);
      harness.set("exchange.channel.batches", "1");
      var left = harness.input(Long.class);
      var right = harness.input(Long.class);
      var joined = joined(left, right);
      var out = harness.output(joined);
      var sideways = harness.output(joined.getSideOutput(LATE));
      harness.open();
      List<Long> keys = LongStream.rangeClosed(1, 16).boxed().toList();
      keys.forEach(key -> right.processElement(key, 1000));
      right.processWatermark(2000);
      out.refuse();
      // Whoever has these pairs takes nothing more, not the watermark either.
      for (int i = 0; i < 3; i++) {
        left.processElement(1L, 1000);
      }
      left.processWatermark(1000);
      var snapshot = harness.snapshot(harness.sendBarriers()).orElseThrow();
      out.accept();
      harness.restore(snapshot, 1);
      out.clear();
      keys.forEach(key -> left.processElement(key, 995));

      assertThat(sideways.values()).isNotEmpty().doesNotContain(1L);
      var all = new ArrayList<>(sideways.values());
      out.values().forEach(pair -> all.add(Long.parseLong(pair.split("@")[0])));
      assertThat(out.values()).contains("1@995 1@1000").allMatch(pair -> pair.contains("@995 "));
      assertThat(all).containsExactlyInAnyOrderElementsOf(keys);
    }
  }

  /** Numbers that are equal and at most 10 ms apart. */
  private static SingleOutputStreamOperator<String> joined(Input<Long> left, Input<Long> right) {
    return left.stream()
        .keyBy(n -> n)
        .intervalJoin(right.stream().keyBy(n -> n))
        .between(Duration.ofMillis(-10), Duration.ofMillis(10))
        .sideOutputLeftLateData(LATE)
        .process(new Pairs());
  }

  private static final class Pairs extends ProcessJoinFunction<Long, Long, String> {
    @Override
    public void processElement(Long left, Long right, Context context, Collector<String> out) {
      out.collect(
          left
              + "@"
              + context.getLeftTimestamp()
              + " "
              + right
              + "@"
              + context.getRightTimestamp());
    }
  }

  /** An operator around another one overrides all that the other one overrides. */
  @Test
  void isAskedThroughOperatorsAroundOthers() throws Exception {
    for (Class<?> outer : OperatorContractTest.operatorsOfTheApi()) {
      for (Field field : outer.getDeclaredFields()) {
        if (Operator.class.isAssignableFrom(field.getType())) {
          assertThat(overridden(outer)).as("%s", outer).containsAll(overridden(field.getType()));
        }
      }
    }
  }

  private static List<String> overridden(Class<?> operator) throws Exception {
    var names = new ArrayList<String>();
    for (Method method : Operator.class.getMethods()) {
      Method own = operator.getMethod(method.getName(), method.getParameterTypes());
      if (own.getDeclaringClass() != Operator.class) {
        names.add(method.getName());
      }
    }
    return names;
  }
}
