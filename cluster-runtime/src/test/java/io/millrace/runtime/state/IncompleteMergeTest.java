package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.IncompleteMergeException;
import io.millrace.api.function.OutputTag;
import io.millrace.api.graph.Combination;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.window.Partial;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A merge that leaves out records is found out before windows rely on it; others are not. */
class IncompleteMergeTest {
  private static final ClassLoader LOADER = IncompleteMergeTest.class.getClassLoader();
  private static final TypeInformation<Item> ITEMS = TypeInformation.of(Item.class);
  private static final WindowAssigner<Object, TimeWindow> TUMBLING =
      TumblingEventTimeWindows.of(Duration.ofMillis(10));
  private static final WindowAssigner<Object, TimeWindow> SLIDING =
      SlidingEventTimeWindows.of(Duration.ofMillis(20), Duration.ofMillis(10));

  record Item(String key, long value, long id) {}

  /** What is kept: numbers, none at first. */
  private interface Add extends Serializable {
    List<Long> add(Item item, List<Long> kept);
  }

  private interface Merge extends Serializable {
    List<Long> merge(List<Long> left, List<Long> right);
  }

  private record Function(Add add, Merge merge)
      implements AggregateFunction<Item, List<Long>, String> {
    @Override
    public List<Long> createAccumulator() {
      return new ArrayList<>();
    }

    @Override
    public List<Long> add(Item item, List<Long> kept) {
      return add.add(item, kept);
    }

    @Override
    public String getResult(List<Long> kept) {
      return kept.toString();
    }

    @Override
    public List<Long> merge(List<Long> left, List<Long> right) {
      return merge.merge(left, right);
    }
  }

  private static final Merge FIRST = (left, right) -> left;
  private static final Merge SECOND = (left, right) -> right;
  private static final Merge NEITHER = (left, right) -> new ArrayList<>();

  private static final Add COUNT =
      (item, kept) -> new ArrayList<>(List.of(1 + (kept.isEmpty() ? 0 : kept.get(0))));
  private static final Add MEAN =
      (item, kept) ->
          new ArrayList<>(
              kept.isEmpty()
                  ? List.of(item.value, 1L)
                  : List.of(kept.get(0) + item.value, kept.get(1) + 1));
  private static final Add ALL =
      (item, kept) -> {
        kept.add(item.id);
        return kept;
      };

  /** The largest with its id; of equal ones the first. */
  private static final Add LARGEST =
      (item, kept) -> kept.isEmpty() || item.value > kept.get(0) ? two(item) : kept;

  private static final Add LAST = (item, kept) -> two(item);
  private static final Add DISTINCT =
      (item, kept) -> {
        if (!kept.contains(item.value)) {
          kept.add(item.value);
        }
        return kept;
      };

  /** Refuses to count an id twice. */
  private static final Add ONCE =
      (item, kept) -> {
        if (kept.contains(item.id)) {
          throw new IllegalArgumentException("twice");
        }
        kept.add(item.id);
        return kept;
      };

  private static long clock;

  /** What came last, and when. */
  private static final Add STAMPED = (item, kept) -> new ArrayList<>(List.of(item.value, ++clock));

  private static List<Long> two(Item item) {
    return new ArrayList<>(List.of(item.value, item.id));
  }

  private static List<Long> sums(List<Long> left, List<Long> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? right : left;
    }
    for (int i = 0; i < left.size(); i++) {
      left.set(i, left.get(i) + right.get(i));
    }
    return left;
  }

  private static List<Long> appended(List<Long> left, List<Long> right) {
    left.addAll(right);
    return left;
  }

  private static List<Long> larger(List<Long> left, List<Long> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? right : left;
    }
    return left.get(0) > right.get(0) ? left : right; // of equal ones the second
  }

  private static List<Long> later(List<Long> left, List<Long> right) {
    if (left.isEmpty() || right.isEmpty()) {
      return left.isEmpty() ? right : left;
    }
    return left.get(1) > right.get(1) ? left : right;
  }

  private static List<Long> united(List<Long> left, List<Long> right) {
    for (long value : right) {
      if (!left.contains(value)) {
        left.add(value);
      }
    }
    return left;
  }

  private static Map<String, Function> complete() {
    var functions = new LinkedHashMap<String, Function>();
    functions.put("count", new Function(COUNT, IncompleteMergeTest::sums));
    functions.put("mean", new Function(MEAN, IncompleteMergeTest::sums));
    functions.put("all", new Function(ALL, IncompleteMergeTest::appended));
    functions.put("all, turned", new Function(ALL, (left, right) -> appended(right, left)));
    functions.put("largest", new Function(LARGEST, IncompleteMergeTest::larger));
    functions.put("largest, turned", new Function(LARGEST, (left, right) -> larger(right, left)));
    functions.put("last", new Function(LAST, (left, right) -> right.isEmpty() ? left : right));
    functions.put("distinct", new Function(DISTINCT, IncompleteMergeTest::united));
    functions.put("distinct, turned", new Function(DISTINCT, (left, right) -> united(right, left)));
    functions.put("stamped", new Function(STAMPED, IncompleteMergeTest::later));
    functions.put("once", new Function(ONCE, IncompleteMergeTest::appended));
    functions.put(
        "nearly",
        new Function(
            MEAN, // as a sketch that is not the same in another order
            (left, right) -> {
              List<Long> sum = sums(left, right);
              if (!sum.isEmpty()) {
                sum.set(0, sum.get(0) + 1);
              }
              return sum;
            }));
    return functions;
  }

  private static OperatorFactory<Item, ?> windows(
      WindowAssigner<? super Item, TimeWindow> assigner, Function function) {
    @SuppressWarnings("unchecked") // a list of numbers, and an assigner that only takes records
    var list =
        (TypeInformation<List<Long>>)
            TypeInformation.of(List.class, TypeInformation.of(Long.class));
    @SuppressWarnings("unchecked")
    var ofItems = (WindowAssigner<Item, TimeWindow>) assigner;
    return WindowOperators.aggregate(
        new WindowSpec<>(ofItems, null, null, 0, null),
        function,
        list,
        ITEMS,
        WindowCall.<String, TimeWindow, String>pass());
  }

  @Test
  void anErrorOfAMergeThatIsNotThereYetLetsEachWindowBeComputedForItself() throws Exception {
    Merge missing =
        (left, right) -> {
          throw new AssertionError("no sessions here");
        };
    var bench =
        new WindowBench<>(windows(SLIDING, new Function(COUNT, missing)), Item::key, String.class);
    assertThat(bench.operatorClass()).isEqualTo("WindowOperator");
  }

  private static WindowBench<Item, ?> slices(Function function) throws Exception {
    var bench = new WindowBench<>(windows(SLIDING, function), Item::key, String.class);
    assertThat(bench.operatorClass()).isEqualTo("SliceOperator");
    return bench;
  }

  /** What a combiner has sent. */
  private static final class Combiner implements Output<Partial<String, Object>> {
    private final Operator<Item, Partial<String, Object>> operator;
    private int sent;

    @SuppressWarnings("unchecked") // that is what the combination says
    Combiner(Function function) throws Exception {
      OperatorFactory<Item, ?> factory = windows(TUMBLING, function);
      Combination combination =
          WindowOperators.combination(
                  factory, Item::key, TypeInformation.of(String.class), "windows")
              .orElseThrow();
      operator =
          ((OperatorFactory<Item, Partial<String, Object>>) combination.combiner().open(LOADER))
              .create();
      operator.open(new WindowBench<>(factory, Item::key, String.class), this);
    }

    @Override
    public void collect(Partial<String, Object> partial, long timestamp) {
      sent++;
    }

    @Override
    public <X> void output(OutputTag<X> tag, X value, long timestamp) {}

    @Override
    public void watermark(long watermark) {}

    @Override
    public void idle(boolean idle) {}
  }

  @Test
  void oneRecordShowsThatACountLosesTheOthers() throws Exception {
    for (Add add : List.of(COUNT, MEAN, ALL)) {
      for (Merge stub : List.of(FIRST, SECOND, NEITHER)) {
        var combiner = new Combiner(new Function(add, stub));
        assertThatThrownBy(() -> combiner.operator.process(new Item("a", 7, 1), 5))
            .isInstanceOf(IncompleteMergeException.class)
            .hasMessageContainingAll(Function.class.getName(), "let it join both");
        assertThat(combiner.sent).isZero();

        var slices = slices(new Function(add, stub));
        assertThatThrownBy(() -> slices.take(new Item("a", 7, 1), 5))
            .isInstanceOf(IncompleteMergeException.class);
      }
    }
  }

  @Test
  void twoRecordsOfAKeyShowThatAMaximumLosesTheOther() throws Exception {
    for (Merge stub : List.of(FIRST, SECOND, NEITHER)) {
      var slices = slices(new Function(LARGEST, stub));
      assertThatThrownBy(
              () -> {
                slices.take(new Item("a", 3, 1), 5).take(new Item("b", 5, 2), 5);
                slices.take(new Item("a", 5, 3), 5).take(new Item("b", 3, 4), 5);
              })
          .isInstanceOf(IncompleteMergeException.class);
      assertThat(slices.emitted()).isEmpty();
    }
  }

  @Test
  void windowsThatMergeNothingNeedNoMerge() throws Exception {
    var windows =
        new WindowBench<>(windows(TUMBLING, new Function(COUNT, FIRST)), Item::key, String.class);
    windows.take(new Item("a", 1, 1), 5).take(new Item("a", 1, 2), 6).watermarkTo(100);
    assertThat(windows.emitted()).hasSize(1).first().asString().startsWith("[2]");
  }

  @Test
  void noFunctionThatMergesIsRefused() throws Exception {
    var chance = new SplittableRandom(3);
    for (Map.Entry<String, Function> each : complete().entrySet()) {
      for (int stream = 0; stream < 20; stream++) {
        WindowBench<Item, ?> slices = slices(each.getValue());
        var combiner = new Combiner(each.getValue());
        try {
          for (int i = 0; i < 40; i++) {
            // Few values, so that many are as large as each other.
            var item = new Item("k" + chance.nextInt(2), chance.nextInt(3), i);
            slices.take(item, i);
            combiner.operator.process(item, i);
          }
          slices.watermarkTo(1_000);
        } catch (IncompleteMergeException e) {
          throw new AssertionError(each.getKey() + ", stream " + stream, e);
        }
        assertThat(slices.emitted()).as(each.getKey()).isNotEmpty();
      }
    }
  }

  /** Keys that hold their name, and would not be merged with another. */
  @Test
  void onlyRecordsOfOneKeyMeet() throws Exception {
    var ofOneKey =
        new Function(
            (item, kept) -> {
              assertThat(kept.isEmpty() || kept.get(0) == item.key.hashCode()).isTrue();
              kept.add((long) item.key.hashCode());
              return kept;
            },
            (left, right) -> {
              assertThat(left.isEmpty() || right.isEmpty() || left.get(0).equals(right.get(0)))
                  .isTrue();
              left.addAll(right);
              return left;
            });
    WindowBench<Item, ?> slices = slices(ofOneKey);
    for (int i = 0; i < 50; i++) {
      slices.take(new Item("k" + i % 7, 1, i), i);
    }
    slices.watermarkTo(1_000);
    assertThat(slices.emitted()).isNotEmpty();
  }
}
