package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataStream;
import io.millrace.api.function.Collector;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowStagger;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows that are moved for each key group, whichever operator computes them. */
class StaggeredWindowsTest {
  private static final long SIZE = 100;
  private static final int KEYS = 40;

  record Item(String key, int number) {}

  /** A window that has been computed. */
  record Told(String key, long start, long end, int numbers) {}

  /** Which operator has the windows. */
  enum Way {
    /** One that keeps slices. */
    SLICES,
    /** One that keeps all records. */
    RECORDS,
    /** The same by the wall clock. */
    CLOCK,
    /** Shares slices by the wall clock. */
    CLOCK_SLICES
  }

  private static final class Tell extends ProcessWindowFunction<Item, Told, String, TimeWindow> {
    @Override
    public void process(String key, Context context, Iterable<Item> items, Collector<Told> out) {
      int sum = 0;
      for (Item item : items) {
        sum += item.number();
      }
      out.collect(new Told(key, context.window().getStart(), context.window().getEnd(), sum));
    }
  }

  private static DataStream<Told> windows(Way way, WindowStagger stagger, DataStream<Item> items) {
    var size = Duration.ofMillis(SIZE);
    var offset = Duration.ofMillis(7);
    WindowAssigner<Object, TimeWindow> assigner =
        way == Way.CLOCK || way == Way.CLOCK_SLICES
            ? TumblingProcessingTimeWindows.of(size, offset, stagger)
            : TumblingEventTimeWindows.of(size, offset, stagger);
    var windows = items.keyBy(Item::key).window(assigner);
    return way == Way.SLICES || way == Way.CLOCK_SLICES
        ? windows.reduce((a, b) -> new Item(a.key, a.number + b.number), new Tell())
        : windows.process(new Tell());
  }

  /** Windows of a stream, with a harness that may be restored. */
  private static final class Life implements AutoCloseable {
    private final OperatorHarness harness = new OperatorHarness();
    private final Input<Item> input = harness.input(Item.class);
    private final Output<Told> output;

    Life(Way way, WindowStagger stagger, int parallelism) {
      harness.setParallelism(parallelism);
      output = harness.output(windows(way, stagger, input.stream()));
      harness.open();
    }

    /** One item of each key at each of those times, by either clock. */
    void items(long from, long to, long step) {
      for (long time = from; time < to; time += step) {
        harness.setProcessingTime(time);
        for (int key = 0; key < KEYS; key++) {
          input.processElement(new Item("k" + key, 1), time);
        }
      }
    }

    void end(long time) {
      input.processWatermark(time);
      harness.setProcessingTime(time);
    }

    List<Told> told() {
      return output.values();
    }

    @Override
    public void close() {
      harness.close();
    }
  }

  /** By key; fails if windows of a key overlap, or miss an item. */
  private static Map<String, Long> offsets(List<Told> told, int itemsOfEach) {
    var offsets = new TreeMap<String, Long>();
    var items = new TreeMap<String, Integer>();
    for (Told each : told) {
      assertThat(each.end() - each.start()).isEqualTo(SIZE);
      long offset = Math.floorMod(each.start(), SIZE);
      offsets.putIfAbsent(each.key(), offset);
      assertThat(offset).as("offset of %s", each).isEqualTo(offsets.get(each.key()));
      items.merge(each.key(), each.numbers(), Integer::sum);
    }
    assertThat(items)
        .hasSize(KEYS)
        .allSatisfy((key, sum) -> assertThat(sum).isEqualTo(itemsOfEach));
    return offsets;
  }

  @ParameterizedTest
  @CsvSource({
    "SLICES, RANDOM", "RECORDS, RANDOM", "CLOCK, RANDOM",
    "SLICES, NATURAL", "RECORDS, NATURAL", "CLOCK, NATURAL"
  })
  void keepTheirBoundsWhereverTheyAreRestored(Way way, WindowStagger stagger) {
    try (var life = new Life(way, stagger, 1)) {
      life.items(1_013, 1_213, 20);
      Snapshot snapshot = life.harness.snapshot();
      life.items(1_213, 1_300, 20); // lost

      life.harness.restore(snapshot, 3);
      life.items(1_213, 1_413, 20);
      life.harness.restore(life.harness.snapshot(), 2);
      life.items(1_413, 1_613, 20);
      life.end(2_000);

      Map<String, Long> offsets = offsets(life.told(), 30);
      if (stagger == WindowStagger.RANDOM) {
        assertThat(new TreeSet<>(offsets.values())).hasSizeGreaterThan(20);
      } else {
        // All had their first item then: the assigner's offset and theirs.
        assertThat(offsets.values()).containsOnly((1_013L + 7) % SIZE);
      }
    }
  }

  @Test
  void randomOffsetsAreTheSameInEveryRunOfALineage() {
    var runs = new ArrayList<Map<String, Long>>();
    for (int parallelism : new int[] {1, 3}) {
      try (var life = new Life(Way.RECORDS, WindowStagger.RANDOM, parallelism)) {
        life.items(0, 300, 10);
        life.end(1_000);
        runs.add(offsets(life.told(), 30));
      }
    }
    assertThat(runs.get(0)).isEqualTo(runs.get(1));
  }

  @Test
  void naturalOffsetsAreThoseOfTheFirstItem() {
    try (var life = new Life(Way.SLICES, WindowStagger.NATURAL, 1)) {
      life.harness.setProcessingTime(42);
      life.input.processElement(new Item("a", 1), 500);
      life.harness.setProcessingTime(99);
      life.input.processElement(new Item("a", 1), 549);
      life.input.processElement(new Item("a", 1), 548);
      life.end(1_000);

      assertThat(life.told())
          .containsExactly(new Told("a", 449, 549, 2), new Told("a", 549, 649, 1));
    }
  }

  @Test
  void alignedWindowsAreNotMoved() {
    try (var life = new Life(Way.SLICES, WindowStagger.ALIGNED, 2)) {
      life.items(0, 300, 10);
      life.end(1_000);
      assertThat(offsets(life.told(), 30).values()).containsOnly(7L);
    }
    assertThat(
            TumblingEventTimeWindows.of(Duration.ofMillis(5), Duration.ZERO, WindowStagger.RANDOM))
        .hasToString("TumblingEventTimeWindows(5 ms, RANDOM)");
    assertThatThrownBy(
            () -> TumblingProcessingTimeWindows.of(Duration.ofMillis(5), Duration.ZERO, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("stagger");
  }
}
