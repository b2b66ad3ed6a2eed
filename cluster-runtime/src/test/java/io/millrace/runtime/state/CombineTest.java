package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ReduceFunction;
import io.millrace.api.function.RichFunction;
import io.millrace.api.function.RichReduceFunction;
import io.millrace.api.graph.Combination;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.window.Partial;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.tuple.Tuple2;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import io.millrace.runtime.harness.OperatorHarness;
import io.millrace.runtime.harness.OperatorHarness.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Windows with and without aggregation before the records are sent. */
class CombineTest {
  private static final ClassLoader LOADER = CombineTest.class.getClassLoader();
  private static final TypeInformation<Item> ITEMS = TypeInformation.of(Item.class);
  private static final TypeInformation<String> KEYS = TypeInformation.of(String.class);

  record Item(String key, String text) {}

  /** Shows the order in which the records were joined. */
  private static final class Join implements ReduceFunction<Item> {
    @Override
    public Item reduce(Item left, Item right) {
      return new Item(left.key, left.text + " " + right.text);
    }
  }

  /** As {@link Join}; changes its accumulators. */
  private static final class Append implements AggregateFunction<Item, List<String>, String> {
    @Override
    public List<String> createAccumulator() {
      return new ArrayList<>();
    }

    @Override
    public List<String> add(Item item, List<String> all) {
      all.add(item.text);
      return all;
    }

    @Override
    public String getResult(List<String> all) {
      return String.join(" ", all);
    }

    @Override
    public List<String> merge(List<String> left, List<String> right) {
      left.addAll(right);
      return left;
    }
  }

  private static OperatorFactory<Item, ?> reduce(
      WindowAssigner<? super Item, TimeWindow> assigner) {
    return WindowOperators.reduce(
        spec(assigner), new Join(), ITEMS, WindowCall.<String, TimeWindow, Item>pass());
  }

  private static OperatorFactory<Item, ?> aggregate(
      WindowAssigner<? super Item, TimeWindow> assigner) {
    @SuppressWarnings("unchecked") // a list of strings
    var list =
        (TypeInformation<List<String>>)
            TypeInformation.of(List.class, TypeInformation.of(String.class));
    return WindowOperators.aggregate(
        spec(assigner), new Append(), list, ITEMS, WindowCall.<String, TimeWindow, String>pass());
  }

  @SuppressWarnings("unchecked") // an assigner only takes records
  private static <W extends Window> WindowSpec<Item, W> spec(
      WindowAssigner<? super Item, W> assigner) {
    return new WindowSpec<>((WindowAssigner<Item, W>) assigner, null, null, 0, null);
  }

  private static Optional<Combination> combination(OperatorFactory<Item, ?> factory) {
    return WindowOperators.combination(factory, Item::key, KEYS, "windows");
  }

  /** A combiner whose partial results go to whoever asks, by way of their bytes. */
  private static final class Combiner {
    private final Operator<Item, Partial<String, Object>> operator;
    private final WindowBench<Partial<String, Object>, ?> to;
    private final Output<Partial<String, Object>> output;
    long sent;

    @SuppressWarnings("unchecked") // that is what the combination says
    Combiner(Combination combination, WindowBench<Partial<String, Object>, ?> to) throws Exception {
      this.to = to;
      operator =
          ((OperatorFactory<Item, Partial<String, Object>>) combination.combiner().open(LOADER))
              .create();
      output =
          new Output<>() {
            @Override
            public void collect(Partial<String, Object> partial, long timestamp) {
              sent++;
              try {
                to.take(partial, timestamp);
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            }

            @Override
            public <X> void output(OutputTag<X> tag, X value, long timestamp) {}

            @Override
            public void watermark(long watermark) {}

            @Override
            public void idle(boolean idle) {}
          };
      operator.open(to, output);
    }

    void take(Item item, long timestamp) throws Exception {
      operator.process(item, timestamp);
    }

    void watermark(long watermark) throws Exception {
      operator.watermark(watermark, output);
      to.watermarkTo(watermark);
    }

    void barrier() throws Exception {
      operator.snapshot(1);
    }
  }

  @SuppressWarnings("unchecked") // that is what the combination says
  private static WindowBench<Partial<String, Object>, ?> merging(Combination combination)
      throws Exception {
    var factory =
        (OperatorFactory<Partial<String, Object>, Object>) combination.merger().open(LOADER);
    return new WindowBench<>(factory, Partial::key, String.class);
  }

  @Test
  void givesWhatTheWindowsGiveWithoutIt() throws Exception {
    givesTheSame(200);
  }

  @Test
  @Tag("long")
  void givesWhatTheWindowsGiveWithoutItForManyStreams() throws Exception {
    givesTheSame(2_000);
  }

  private static void givesTheSame(int streams) throws Exception {
    var chance = new SplittableRandom(7);
    long late = 0;
    for (int stream = 0; stream < streams; stream++) {
      long size = 1 + chance.nextInt(20);
      long slide = chance.nextInt(3) == 0 ? size : 1 + chance.nextInt(20);
      WindowAssigner<Object, TimeWindow> assigner =
          slide == size
              ? TumblingEventTimeWindows.of(Duration.ofMillis(size))
              : SlidingEventTimeWindows.of(Duration.ofMillis(size), Duration.ofMillis(slide));
      OperatorFactory<Item, ?> factory =
          chance.nextBoolean() ? reduce(assigner) : aggregate(assigner);
      Combination combination = combination(factory).orElseThrow();
      var plain = new WindowBench<>(factory, Item::key, String.class);
      var merging = merging(combination);
      var combiner = new Combiner(combination, merging);
      int keys = 1 + chance.nextInt(4);
      int disorder = 1 + chance.nextInt(40);
      long watermark = -100;
      for (int i = 0; i < 80; i++) {
        long time = i + 20 - chance.nextInt(disorder);
        var item = new Item("k" + chance.nextInt(keys), "" + i);
        plain.take(item, time);
        combiner.take(item, time);
        if (chance.nextInt(5) == 0) {
          watermark = Math.max(watermark, time - chance.nextInt(10));
          plain.watermarkTo(watermark);
          combiner.watermark(watermark);
        }
        if (chance.nextInt(15) == 0) {
          combiner.barrier();
          plain.restoreAfter(() -> {});
          merging.restoreAfter(() -> {});
          combiner = new Combiner(combination, merging);
          // Until watermarks come again all of them may be behind what was reached before.
        }
        // Of windows that end together no order is promised.
        assertThat(merging.emitted())
            .as("stream %d", stream)
            .containsExactlyInAnyOrderElementsOf(plain.emitted());
      }
      plain.watermarkTo(Long.MAX_VALUE);
      combiner.watermark(Long.MAX_VALUE);
      // Of windows that end together no order is promised.
      assertThat(merging.emitted())
          .as("stream %d", stream)
          .containsExactlyInAnyOrderElementsOf(plain.emitted());
      assertThat(merging.dropped()).as("stream %d", stream).isEqualTo(plain.dropped());
      assertThat(merging.entries()).isZero();
      late += plain.dropped();
    }
    assertThat(late).isPositive();
  }

  @Test
  void skewedKeysTakeFewerRecordsOverTheNetwork() throws Exception {
    Combination combination =
        combination(reduce(TumblingEventTimeWindows.of(Duration.ofMillis(1_000)))).orElseThrow();
    var combiner = new Combiner(combination, merging(combination));
    var chance = new SplittableRandom(1);
    int records = 50_000;
    for (int i = 0; i < records; i++) {
      // Half of all records belong to one key, a quarter to the next, and so on.
      int key = Long.numberOfTrailingZeros(chance.nextLong() | 1L << 12);
      combiner.take(new Item("k" + key, ""), i / 50);
      if (i % 10_000 == 9_999) {
        combiner.watermark(i / 50);
      }
    }
    assertThat(combiner.sent).isBetween(30L, 100L);
  }

  @Test
  void keysThatHardlyComeTwiceGoStraightOnAndAreTriedAgain() throws Exception {
    Combination combination =
        combination(reduce(TumblingEventTimeWindows.of(Duration.ofMillis(1_000)))).orElseThrow();
    WindowBench<Partial<String, Object>, ?> merging = merging(combination);
    var combiner = new Combiner(combination, merging);
    for (int i = 0; i < 10_000; i++) {
      combiner.take(new Item("k" + i, ""), 0);
    }
    assertThat(combiner.sent).isEqualTo(10_000);
    for (int i = 0; i < 60_000; i++) {
      combiner.take(new Item("k" + i % 10, ""), 0);
    }
    combiner.watermark(Long.MAX_VALUE);
    assertThat(combiner.sent).isLessThan(20_000);
    assertThat(merging.emitted()).hasSize(10_000);
  }

  public static final class Parcel {
    public Tuple2<String, Integer> to = Tuple2.of("", 0);
    public int weight = 1;
  }

  @Test
  void aSenderMayChangeTheKeyOfWhatItHasEmitted() {
    try (var harness = new OperatorHarness()) {
      Input<String> places = harness.input(String.class);
      OperatorHarness.Output<String> weights =
          harness.output(
              places.stream()
                  .<Parcel>flatMap(
                      (line, out) -> {
                        var parcel = new Parcel();
                        for (String place : line.split(" ")) {
                          parcel.to.f0 = place;
                          out.collect(parcel);
                        }
                      })
                  .returns(Parcel.class)
                  .keyBy(
                      parcel -> parcel.to,
                      TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {}))
                  .window(TumblingEventTimeWindows.of(Duration.ofMillis(10)))
                  .reduce(
                      (left, right) -> {
                        left.weight += right.weight;
                        return left;
                      })
                  .map(parcel -> parcel.to.f0 + " " + parcel.weight));
      harness.open();
      places.processElement("a b a c a b", 5);
      places.processWatermark(20);
      assertThat(weights.values()).containsExactlyInAnyOrder("a 3", "b 2", "c 1");
    }
  }

  @Test
  void nothingIsHeldForLongerThanARecordWaitsForItsBatch() throws Exception {
    Combination combination =
        combination(reduce(TumblingEventTimeWindows.of(Duration.ofMillis(10)))).orElseThrow();
    WindowBench<Partial<String, Object>, ?> merging = merging(combination);
    var combiner = new Combiner(combination, merging);
    assertThat(combiner.operator.nextWakeMillis()).isEqualTo(Long.MAX_VALUE);
    combiner.take(new Item("a", "x"), 5);
    combiner.take(new Item("a", "y"), 5);
    assertThat(combiner.sent).isZero();

    long due = combiner.operator.nextWakeMillis();
    assertThat(due).isEqualTo(merging.monotonicMillis() + 10);
    combiner.operator.wake(due);

    assertThat(combiner.sent).isEqualTo(1);
    assertThat(combiner.operator.nextWakeMillis()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void behindTheLastWatermarkNothingIsHeldBack() throws Exception {
    Combination combination =
        combination(reduce(TumblingEventTimeWindows.of(Duration.ofMillis(10)))).orElseThrow();
    WindowBench<Partial<String, Object>, ?> merging = merging(combination);
    var combiner = new Combiner(combination, merging);
    combiner.watermark(Long.MAX_VALUE);
    combiner.take(new Item("a", "x"), 5);
    assertThat(combiner.sent).isEqualTo(1);
    assertThat(merging.dropped()).isEqualTo(1);
  }

  /** Would not know where its keys are. */
  private static final class Rich extends RichReduceFunction<Item> {
    @Override
    public Item reduce(Item left, Item right) {
      return left;
    }
  }

  /** Leaves out what only merging needs. */
  private static final class WithoutMerge implements AggregateFunction<Item, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Item item, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long left, Long right) {
      throw new UnsupportedOperationException("no sessions here");
    }
  }

  @SuppressWarnings("unchecked") // a trigger of any object is one of items
  private static Trigger<Item, TimeWindow> counting() {
    return (Trigger<Item, TimeWindow>) (Trigger<?, TimeWindow>) CountTrigger.<TimeWindow>of(3);
  }

  @Test
  void whereEachRecordCountsNothingIsCombined() {
    var tumbling = TumblingEventTimeWindows.of(Duration.ofMillis(10));
    assertThat(combination(reduce(tumbling))).isPresent();
    WindowSpec<Item, TimeWindow> plain = spec(tumbling);
    WindowAssigner<Item, TimeWindow> assigner = plain.assigner();
    WindowCall<String, TimeWindow, Item, Item> pass = WindowCall.pass();
    var late = new OutputTag<Item>("late") {};
    for (WindowSpec<Item, TimeWindow> other :
        List.of(
            new WindowSpec<>(assigner, null, null, 5, null),
            new WindowSpec<>(assigner, null, null, 0, late),
            new WindowSpec<>(assigner, counting(), null, 0, null),
            spec(TumblingProcessingTimeWindows.of(Duration.ofMillis(10))),
            spec(EventTimeSessionWindows.withGap(Duration.ofMillis(10))))) {
      assertThat(combination(WindowOperators.reduce(other, new Join(), ITEMS, pass))).isEmpty();
    }
    assertThat(combination(WindowOperators.list(plain, ITEMS, pass))).isEmpty();
    assertThat(new Rich()).isInstanceOf(RichFunction.class);
    assertThat(combination(WindowOperators.reduce(plain, new Rich(), ITEMS, pass))).isEmpty();
    assertThat(
            combination(
                WindowOperators.aggregate(
                    plain,
                    new WithoutMerge(),
                    TypeInformation.of(Long.class),
                    ITEMS,
                    WindowCall.<String, TimeWindow, Long>pass())))
        .isEmpty();
  }

  /** Mutable, and so copied where nobody says that it stays as it is. */
  public static final class Box {
    static final List<Box> SEEN = new ArrayList<>();

    public String key = "k";
  }

  private static final class Look implements ReduceFunction<Box> {
    @Override
    public Box reduce(Box left, Box right) {
      Box.SEEN.add(right);
      return left;
    }
  }

  @Test
  void recordsAreCopiedUnlessObjectsAreReused() throws Exception {
    TypeInformation<Box> boxes = TypeInformation.of(Box.class);
    for (boolean reuse : new boolean[] {false, true}) {
      OperatorFactory<Box, ?> factory =
          WindowOperators.reduce(
              new WindowSpec<Box, TimeWindow>(
                  cast(TumblingEventTimeWindows.of(Duration.ofMillis(10))), null, null, 0, null),
              new Look(),
              boxes,
              WindowCall.<String, TimeWindow, Box>pass());
      Combination combination =
          WindowOperators.combination(factory, box -> box.key, KEYS, "windows").orElseThrow();
      var context =
          new WindowBench<Partial<String, Object>, Object>(
              cast(combination.merger().open(LOADER)), Partial::key, String.class) {
            @Override
            public Configuration settings() {
              return new Configuration(Map.of("pipeline.object-reuse", Boolean.toString(reuse)));
            }
          };
      OperatorFactory<Box, Partial<String, Object>> combiner =
          cast(combination.combiner().open(LOADER));
      Operator<Box, Partial<String, Object>> operator = combiner.create();
      operator.open(context, cast(context));
      Box box = new Box();
      operator.process(new Box(), 1);
      Box.SEEN.clear();
      operator.process(box, 2);

      assertThat(Box.SEEN).anyMatch(seen -> seen.key.equals("k"));
      assertThat(Box.SEEN.stream().anyMatch(seen -> seen == box)).isEqualTo(reuse);
    }
  }

  /** What it keeps cannot be part of a record; yet it changes what it gets. */
  private static final class Mark implements AggregateFunction<Box, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Box box, Long count) {
      Box.SEEN.add(box);
      box.key = "changed";
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }

  @Test
  void recordsThatNothingKeptCanHoldAreNotCopied() throws Exception {
    OperatorFactory<Box, ?> factory =
        WindowOperators.aggregate(
            new WindowSpec<Box, TimeWindow>(
                cast(TumblingEventTimeWindows.of(Duration.ofMillis(10))), null, null, 0, null),
            new Mark(),
            TypeInformation.of(Long.class),
            TypeInformation.of(Box.class),
            WindowCall.<String, TimeWindow, Long>pass());
    Combination combination =
        WindowOperators.combination(factory, box -> box.key, KEYS, "windows").orElseThrow();
    var windows =
        new WindowBench<Partial<String, Object>, Object>(
            cast(combination.merger().open(LOADER)), Partial::key, String.class);
    OperatorFactory<Box, Partial<String, Object>> combiner =
        cast(combination.combiner().open(LOADER));
    Operator<Box, Partial<String, Object>> operator = combiner.create();
    operator.open(windows, cast(windows));
    Box box = new Box();
    Box.SEEN.clear();
    operator.process(box, 1);

    assertThat(Box.SEEN).as("a function that is tried out gets copies").hasSizeGreaterThan(1);
    assertThat(Box.SEEN.stream().filter(seen -> seen == box)).hasSize(1);
    assertThat(box.key).as("as in any other operator of a chain").isEqualTo("changed");
  }

  @SuppressWarnings("unchecked") // as whoever made it says
  private static <T> T cast(Object made) {
    return (T) made;
  }
}
