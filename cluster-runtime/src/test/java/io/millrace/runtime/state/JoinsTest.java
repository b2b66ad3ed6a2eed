package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.CoGroupFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FlatJoinFunction;
import io.millrace.api.function.JoinFunction;
import io.millrace.api.function.KeySelector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Joins of two streams of numbers, driven by hand. A number's key is its last digit. */
class JoinsTest {
  private static final TypeInformation<Integer> NUMBER = TypeInformation.of(Integer.class);
  private static final OutputTag<Integer> LATE = new OutputTag<>("late", NUMBER);

  private static WindowBench<Sided<Integer, Integer>, String> bench(
      BiFunction<DataStream<Integer>, DataStream<Integer>, DataStream<String>> program)
      throws Exception {
    return bench(NUMBER, number -> number % 10, program);
  }

  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  private static <T> WindowBench<Sided<T, T>, String> bench(
      TypeInformation<T> type,
      KeySelector<T, Integer> key,
      BiFunction<DataStream<T>, DataStream<T>, DataStream<String>> program)
      throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    program.apply(env.fromCollection(List.of(), type), env.fromCollection(List.of(), type));
    List<Vertex> vertices = env.getJobGraph().vertices();
    var factory =
        (OperatorFactory<Sided<T, T>, String>)
            vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
    return new WindowBench<>(
        factory, each -> key.getKey(each.isLeft() ? each.left() : each.right()), Integer.class);
  }

  private static Sided<Integer, Integer> left(int number) {
    return new Sided<>(number, null);
  }

  private static Sided<Integer, Integer> right(int number) {
    return new Sided<>(null, number);
  }

  @Test
  void recordsOfOneWindowAndKeyMeet() throws Exception {
    var bench =
        bench(
            (a, b) ->
                a.join(b)
                    .where(number -> number % 10)
                    .equalTo(number -> number % 10)
                    .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                    .apply((first, second) -> first + "+" + second));
    bench.take(left(11), 1).take(right(21), 2).take(right(31), 9).take(right(22), 3);
    bench.restoreAfter(() -> bench.take(left(41), 2));
    bench.take(left(51), 8).take(left(61), 12).watermarkTo(Timestamps.MAX_WATERMARK);
    assertThat(bench.emitted())
        .containsExactlyInAnyOrder("11+21@9", "11+31@9", "51+21@9", "51+31@9");
    assertThat(bench.entries()).isZero();
  }

  private static final class Groups implements CoGroupFunction<Integer, Integer, String> {
    @Override
    public void coGroup(Iterable<Integer> first, Iterable<Integer> second, Collector<String> out) {
      out.collect(first + " " + second);
    }
  }

  @Test
  void aGroupMayLackOneSide() throws Exception {
    var bench =
        bench(
            (a, b) ->
                a.coGroup(b)
                    .where(number -> number % 10)
                    .equalTo(number -> number % 10)
                    .window(EventTimeSessionWindows.withGap(Duration.ofMillis(5)))
                    .apply(new Groups()));
    bench.take(left(1), 1).take(right(11), 4).take(right(21), 8).take(right(31), 50);
    bench.watermarkTo(100);
    assertThat(bench.emitted()).containsExactly("[1] [11, 21]@12", "[] [31]@54");
  }

  private static final class Tell extends ProcessJoinFunction<Integer, Integer, String> {
    @Override
    public void processElement(Integer left, Integer right, Context ctx, Collector<String> out) {
      out.collect(
          left + "@" + ctx.getLeftTimestamp() + " " + right + "@" + ctx.getRightTimestamp());
    }
  }

  private static WindowBench<Sided<Integer, Integer>, String> interval(
      long lower, long upper, boolean exclusive) throws Exception {
    return bench(
        (a, b) -> {
          var join =
              a.keyBy(number -> number % 10)
                  .intervalJoin(b.keyBy(number -> number % 10))
                  .between(Duration.ofMillis(lower), Duration.ofMillis(upper))
                  .sideOutputLeftLateData(LATE);
          if (exclusive) {
            join.lowerBoundExclusive().upperBoundExclusive();
          }
          return join.process(new Tell());
        });
  }

  @Test
  void recordsNearEachOtherMeet() throws Exception {
    var bench = interval(-2, 3, false);
    bench.take(left(1), 10);
    for (int time = 7; time <= 14; time++) {
      bench.take(right(11), time);
    }
    bench.take(right(12), 10);
    assertThat(bench.emitted())
        .containsExactly(
            "1@10 11@8@10",
            "1@10 11@9@10",
            "1@10 11@10@10",
            "1@10 11@11@11",
            "1@10 11@12@12",
            "1@10 11@13@13");
    var open = interval(-2, 3, true);
    open.take(left(1), 10).take(right(11), 8).take(right(21), 13).take(right(31), 12);
    assertThat(open.emitted()).containsExactly("1@10 31@12@12");
  }

  /** Bounds that are both excluded may leave no time between them: nothing joins, nothing stays. */
  @Test
  void nothingMeetsWithinAnEmptyInterval() throws Exception {
    for (long upper : new long[] {3, 4}) {
      var bench = interval(3, upper, true);
      for (int time = 10; time <= 20; time++) {
        bench.take(left(1), time).take(right(11), time);
      }
      bench.watermarkTo(15).take(left(21), 14);
      assertThat(bench.emitted()).isEmpty();
      assertThat(bench.aside).containsExactly("late:21@14");
      bench.watermarkTo(Timestamps.MAX_WATERMARK);
      assertThat(bench.emitted()).isEmpty();
      assertThat(bench.entries()).isZero();
    }
  }

  /** Tells the pair, then makes it another. */
  private static final class Spoil extends ProcessJoinFunction<int[], int[], String>
      implements JoinFunction<int[], int[], String> {
    @Override
    public String join(int[] left, int[] right) {
      return left[0]++ + "+" + right[0]++;
    }

    @Override
    public void processElement(int[] left, int[] right, Context ctx, Collector<String> out) {
      out.collect(join(left, right));
    }
  }

  @Test
  void whatAFunctionDoesToAPairIsSeenInNoOther() throws Exception {
    var type = TypeInformation.of(int[].class);
    var interval =
        bench(
            type,
            array -> 0,
            (a, b) ->
                a.keyBy(array -> 0)
                    .intervalJoin(b.keyBy(array -> 0))
                    .between(Duration.ofMillis(-5), Duration.ofMillis(5))
                    .process(new Spoil()));
    interval.take(first(10), 1).take(first(20), 1).take(second(30), 2).take(second(40), 3);
    interval.restoreAfter(() -> {});
    interval.take(first(50), 4);
    assertThat(interval.emitted())
        .containsExactlyInAnyOrder(
            "10+30@2", "20+30@2", "10+40@3", "20+40@3", "50+30@4", "50+40@4");

    var window =
        bench(
            type,
            array -> 0,
            (a, b) ->
                a.join(b)
                    .where(array -> 0)
                    .equalTo(array -> 0)
                    .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                    .allowedLateness(Duration.ofMillis(5))
                    .apply((JoinFunction<int[], int[], String>) new Spoil()));
    window.take(first(10), 1).take(first(20), 1).take(second(30), 2);
    window.watermarkTo(9);
    assertThat(window.emitted()).containsExactlyInAnyOrder("10+30@9", "20+30@9");
    window.take(second(40), 3);
    assertThat(window.emitted())
        .containsExactlyInAnyOrder("10+30@9", "20+30@9", "10+40@9", "20+40@9");
  }

  /** Takes what it groups for its own, for which it is free. */
  private static final class SpoilGroups implements CoGroupFunction<int[], int[], String> {
    private static final List<int[]> KEPT = new ArrayList<>();

    @Override
    public void coGroup(Iterable<int[]> first, Iterable<int[]> second, Collector<String> out) {
      var all = new StringBuilder();
      for (Iterable<int[]> side : List.of(first, second)) {
        for (int[] each : side) {
          all.append(each[0]++).append(' ');
          KEPT.add(each);
        }
      }
      out.collect(all.toString().strip());
    }
  }

  @Test
  void whatAFunctionDoesToAGroupIsSeenInNoOther() throws Exception {
    var bench =
        bench(
            TypeInformation.of(int[].class),
            array -> 0,
            (a, b) ->
                a.coGroup(b)
                    .where(array -> 0)
                    .equalTo(array -> 0)
                    .window(
                        SlidingEventTimeWindows.of(Duration.ofMillis(20), Duration.ofMillis(10)))
                    .allowedLateness(Duration.ofMillis(5))
                    .apply(new SpoilGroups()));
    bench.take(first(10), 1).take(second(20), 2).watermarkTo(9);
    assertThat(bench.emitted()).containsExactly("10 20@9");
    SpoilGroups.KEPT.forEach(each -> each[0] = -1);
    bench.take(second(30), 3);
    assertThat(bench.emitted()).containsExactly("10 20 30@9");
    SpoilGroups.KEPT.forEach(each -> each[0] = -1);
    bench.watermarkTo(19);
    assertThat(bench.emitted()).containsExactly("10 20 30@19");
  }

  private static final class Nothing extends ProcessJoinFunction<Integer, Integer, String>
      implements JoinFunction<Integer, Integer, String>,
          FlatJoinFunction<Integer, Integer, String> {
    @Override
    public String join(Integer first, Integer second) {
      return null;
    }

    @Override
    public void join(Integer first, Integer second, Collector<String> out) {
      out.collect(join(first, second));
    }

    @Override
    public void processElement(Integer left, Integer right, Context ctx, Collector<String> out) {
      out.collect(join(left, right));
    }
  }

  @Test
  void aResultThatIsNullIsOneLikeAnyOther() throws Exception {
    for (boolean flat : new boolean[] {false, true}) {
      var bench =
          bench(
              (a, b) -> {
                var windows =
                    a.join(b)
                        .where(number -> 0)
                        .equalTo(number -> 0)
                        .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)));
                return flat
                    ? windows.apply((FlatJoinFunction<Integer, Integer, String>) new Nothing())
                    : windows.apply((JoinFunction<Integer, Integer, String>) new Nothing());
              });
      bench.take(left(10), 1).take(right(20), 2).watermarkTo(9);
      assertThat(bench.emitted()).as("flat: %s", flat).containsExactly("null@9");
    }

    var near =
        bench(
            (a, b) ->
                a.keyBy(number -> 0)
                    .intervalJoin(b.keyBy(number -> 0))
                    .between(Duration.ofMillis(-5), Duration.ofMillis(5))
                    .process(new Nothing()));
    near.take(left(10), 1).take(right(20), 2);
    assertThat(near.emitted()).containsExactly("null@2");
  }

  private static Sided<int[], int[]> first(int... numbers) {
    return new Sided<>(numbers, null);
  }

  private static Sided<int[], int[]> second(int... numbers) {
    return new Sided<>(null, numbers);
  }

  @Test
  void lateRecordsOfTheLeftGoAsideAndThoseOfTheRightAreCounted() throws Exception {
    var bench = interval(-2, 3, false);
    bench.watermarkTo(20).take(left(1), 19).take(right(1), 19).take(right(1), 20);
    assertThat(bench.aside).containsExactly("late:1@19");
    assertThat(bench.dropped()).isEqualTo(1);
  }

  @Test
  void intervalsGiveWhatTheyShouldAndLeaveNothingBehind() throws Exception {
    var chance = new SplittableRandom(5);
    for (int stream = 0; stream < 200; stream++) {
      long lower = chance.nextInt(-12, 8);
      long upper = lower + chance.nextInt(10);
      var bench = interval(lower, upper, false);
      var seen = new ArrayList<long[]>();
      var expected = new ArrayList<String>();
      long watermark = 0;
      for (int i = 0; i < 60; i++) {
        long time = Math.max(watermark + 1, i + chance.nextInt(20) - 10);
        boolean isLeft = chance.nextBoolean();
        int number = chance.nextInt(3);
        for (long[] other : seen) {
          long distance = isLeft ? other[2] - time : time - other[2];
          if (other[0] != (isLeft ? 1 : 0)
              && other[1] == number
              && distance >= lower
              && distance <= upper) {
            String mine = number + "@" + time;
            String its = number + "@" + other[2];
            String pair = isLeft ? mine + " " + its : its + " " + mine;
            expected.add(pair + "@" + Math.max(time, other[2]));
          }
        }
        seen.add(new long[] {isLeft ? 1 : 0, number, time});
        bench.take(isLeft ? left(number) : right(number), time);
        if (chance.nextInt(5) == 0) {
          watermark = Math.max(watermark, time - 5);
          bench.watermarkTo(watermark);
        }
        if (chance.nextInt(30) == 0) {
          bench.restoreAfter(() -> {});
          bench.watermarkTo(watermark);
        }
      }
      assertThat(bench.emitted())
          .as("stream %d, from %d to %d", stream, lower, upper)
          .containsExactlyInAnyOrderElementsOf(expected);
      bench.watermarkTo(Timestamps.MAX_WATERMARK);
      assertThat(bench.entries()).isZero();
    }
  }

  /** Far more than a chunk holds, of one key, in any order and many at the same time. */
  @Test
  void manyRecordsThatWaitAreMetInTheOrderOfTheirTimes() throws Exception {
    var chance = new SplittableRandom(6);
    for (int stream = 0; stream < 20; stream++) {
      int spread = 1 + chance.nextInt(300);
      boolean inOrder = stream % 2 == 0;
      var bench = interval(-5, 40, false);
      var waiting = new ArrayList<long[]>();
      for (int i = 0; i < 500; i++) {
        long time = inOrder ? (long) i * spread / 500 : chance.nextInt(spread);
        int number = 10 * i;
        bench.take(right(number), time);
        waiting.add(new long[] {time, number});
        if (chance.nextInt(100) == 0) {
          bench.restoreAfter(() -> bench.take(right(0), 1).watermarkTo(100));
        }
      }
      waiting.sort(Comparator.comparingLong(each -> each[0]));
      for (long watermark = -10; watermark < spread + 10; watermark += 7) {
        bench.watermarkTo(watermark);
        long time = watermark + 1 + chance.nextInt(spread);
        bench.take(left(0), time);
        assertThat(bench.emitted())
            .as("stream %d, at %d", stream, time)
            .containsExactlyElementsOf(
                waiting.stream()
                    .filter(each -> each[0] - time >= -5 && each[0] - time <= 40)
                    .map(
                        each ->
                            "0@"
                                + time
                                + " "
                                + each[1]
                                + "@"
                                + each[0]
                                + "@"
                                + Math.max(time, each[0]))
                    .toList());
      }
      bench.watermarkTo(Timestamps.MAX_WATERMARK);
      assertThat(bench.entries()).isZero();
    }
  }

  @Test
  void boundsInTheWrongOrderAreRefused() {
    assertThatThrownBy(() -> interval(3, 2, false)).hasMessageContaining("from 3 ms to 2 ms");
    assertThatThrownBy(() -> interval(3, 2, true)).hasMessageContaining("from 3 ms to 2 ms");
  }

  @Test
  void boundsThatNoTimeCanBeAddedToAreRefused() throws Exception {
    assertThatThrownBy(() -> interval(0, Long.MAX_VALUE, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 1152921504606846976 ms")
        .hasMessageContaining("0 ms to 9223372036854775807 ms");
    assertThatThrownBy(() -> interval(Long.MIN_VALUE, 0, false)).hasMessageContaining("at most");

    var far = interval(0, 1L << 60, false);
    long last = Long.MAX_VALUE - 10;
    far.take(left(1), last).watermarkTo(last).take(right(11), last + 5);
    assertThat(far.emitted()).containsExactly("1@" + last + " 11@" + (last + 5) + "@" + (last + 5));
  }
}
