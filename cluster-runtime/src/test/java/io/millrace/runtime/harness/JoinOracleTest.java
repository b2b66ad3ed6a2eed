package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.state.StateContents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Joins of two streams that are out of order and late, against plain lists: in both forms of state,
 * restored now and then from a checkpoint, with any parallelism, in the same form or the other.
 */
class JoinOracleTest {
  private static final int EVENTS = 60;
  private static final String DROPPED = "numLateRecordsDropped";

  /** What a join is given. */
  record Item(String key, int number) {}

  private enum Store {
    /** As objects, or as the rows of RocksDB without it; drawn anew at each start. */
    IN_MEMORY,
    /** The same with RocksDB. */
    ON_DISK
  }

  private enum Kind {
    INTERVAL,
    JOIN,
    CO_GROUP
  }

  /**
   * @param lower first time that a partner on the right may have, from the left one's on
   * @param upper last one
   * @param rightAside whether late ones of the right go aside instead of being counted
   */
  private record Spec(
      Kind kind, int lower, int upper, boolean rightAside, int size, int slide, int lateness) {
    static Spec draw(SplittableRandom chance) {
      int lower = chance.nextInt(-12, 8);
      int size = chance.nextInt(1, 12);
      return new Spec(
          Kind.values()[chance.nextInt(Kind.values().length)],
          lower,
          lower + chance.nextInt(12),
          chance.nextBoolean(),
          size,
          chance.nextInt(1, size + 1),
          chance.nextBoolean() ? 0 : chance.nextInt(10));
    }

    List<DataStream<String>> over(DataStream<Item> left, DataStream<Item> right) {
      var windows = SlidingEventTimeWindows.of(Duration.ofMillis(size), Duration.ofMillis(slide));
      return switch (kind) {
        case INTERVAL -> {
          var lateLeft = new OutputTag<Item>("late left") {};
          var lateRight = new OutputTag<Item>("late right") {};
          var near =
              left.keyBy(Item::key)
                  .intervalJoin(right.keyBy(Item::key))
                  .between(Duration.ofMillis(lower), Duration.ofMillis(upper))
                  .sideOutputLeftLateData(lateLeft);
          var joined =
              (rightAside ? near.sideOutputRightLateData(lateRight) : near).process(new Pairs());
          yield List.of(
              joined,
              joined.getSideOutput(lateLeft).map(item -> "late left " + item.number()),
              joined.getSideOutput(lateRight).map(item -> "late right " + item.number()));
        }
        case JOIN ->
            List.of(
                left.join(right)
                    .where(Item::key)
                    .equalTo(Item::key)
                    .window(windows)
                    .allowedLateness(Duration.ofMillis(lateness))
                    .apply((one, other) -> pair(one.number(), other.number())));
        case CO_GROUP ->
            List.of(
                left.coGroup(right)
                    .where(Item::key)
                    .equalTo(Item::key)
                    .window(windows)
                    .allowedLateness(Duration.ofMillis(lateness))
                    .apply(JoinOracleTest::group));
      };
    }
  }

  private static final class Pairs extends ProcessJoinFunction<Item, Item, String> {
    @Override
    public void processElement(Item left, Item right, Context context, Collector<String> out) {
      out.collect(pair(left.number(), right.number()));
    }
  }

  private static String pair(int left, int right) {
    return left + " with " + right;
  }

  private static void group(Iterable<Item> left, Iterable<Item> right, Collector<String> out) {
    out.collect(numbers(left) + " and " + numbers(right));
  }

  private static List<Integer> numbers(Iterable<Item> items) {
    var numbers = new ArrayList<Integer>();
    items.forEach(item -> numbers.add(item.number()));
    numbers.sort(null);
    return numbers;
  }

  /** What must be emitted, for all keys in one place and one record after the other. */
  private static final class Oracle {
    private final Spec spec;
    private final List<Waiting> waiting = new ArrayList<>();
    private final TreeMap<String, Group> groups = new TreeMap<>();
    private long watermark = Long.MIN_VALUE;
    private long dropped;

    /** How many pairs there were, or groups with records of both sides. */
    private long joined;

    private record Waiting(boolean left, Item item, long time) {}

    private record Group(long end, List<Item> left, List<Item> right) {}

    Oracle(Spec spec) {
      this.spec = spec;
    }

    List<String> record(boolean left, Item item, long time) {
      var lines = new ArrayList<String>();
      if (spec.kind == Kind.INTERVAL) {
        near(left, item, time, lines);
      } else {
        grouped(left, item, time, lines);
      }
      return lines;
    }

    private void near(boolean left, Item item, long time, List<String> lines) {
      if (time < watermark) {
        if (left || spec.rightAside) {
          lines.add((left ? "late left " : "late right ") + item.number() + "@" + time);
        } else {
          dropped++;
        }
        return;
      }
      for (Waiting each : waiting) {
        long later = left ? each.time - time : time - each.time;
        boolean meets = later >= spec.lower && later <= spec.upper;
        if (each.left != left && each.item.key().equals(item.key()) && meets) {
          int one = left ? item.number() : each.item.number();
          int other = left ? each.item.number() : item.number();
          lines.add(pair(one, other) + "@" + Math.max(time, each.time));
          joined++;
        }
      }
      waiting.add(new Waiting(left, item, time));
    }

    private void grouped(boolean left, Item item, long time, List<String> lines) {
      boolean late = true;
      long last = Math.floorDiv(time, spec.slide) * spec.slide;
      for (long start = last; start > time - spec.size; start -= spec.slide) {
        long end = start + spec.size;
        if (end - 1 + spec.lateness > watermark) {
          late = false;
          Group group =
              groups.computeIfAbsent(
                  item.key() + " " + end,
                  key -> new Group(end, new ArrayList<>(), new ArrayList<>()));
          (left ? group.left : group.right).add(item);
          if (end - 1 <= watermark) {
            fire(group, lines);
          }
        }
      }
      dropped += late ? 1 : 0;
    }

    private void fire(Group group, List<String> lines) {
      String at = "@" + (group.end - 1);
      if (spec.kind == Kind.CO_GROUP) {
        lines.add(numbers(group.left) + " and " + numbers(group.right) + at);
        joined += group.left.isEmpty() || group.right.isEmpty() ? 0 : 1;
        return;
      }
      for (Item one : group.left) {
        for (Item other : group.right) {
          lines.add(pair(one.number(), other.number()) + at);
          joined++;
        }
      }
    }

    List<String> watermark(long time) {
      var lines = new ArrayList<String>();
      for (Group group : groups.values()) {
        if (group.end - 1 > watermark && group.end - 1 <= time) {
          fire(group, lines);
        }
      }
      watermark = Math.max(watermark, time);
      groups.values().removeIf(group -> group.end - 1 + spec.lateness <= watermark);
      waiting.removeIf(
          each -> each.time + Math.max(0, each.left ? spec.upper : -spec.lower) < watermark);
      return lines;
    }
  }

  /** One join, by a seed. */
  private static final class Life {
    private final long seed;
    private final Store store;
    private final SplittableRandom chance;
    private final Spec spec;
    private final Oracle oracle;
    private final int disorder;
    private final List<Output<String>> outputs = new ArrayList<>();
    private final OperatorHarness harness = new OperatorHarness();
    private final List<Input<Item>> inputs = new ArrayList<>();

    /** Of each input, since the last start. */
    private final long[] reached = {Long.MIN_VALUE, Long.MIN_VALUE};

    private final TreeSet<String> moved = new TreeSet<>();
    private String backend = "nothing";
    private long clock;
    private int count;
    private long droppedBefore;

    Life(long seed, Store store) {
      this.seed = seed;
      this.store = store;
      this.chance = new SplittableRandom(seed);
      this.spec = Spec.draw(chance);
      this.oracle = new Oracle(spec);
      this.disorder = 1 + chance.nextInt(20);
    }

    void live() {
      try (harness) {
        if (store == Store.IN_MEMORY) {
          harness.keepRowsInMemory();
        }
        harness.set("state.backend.type", backend());
        harness.setParallelism(1 + chance.nextInt(3));
        inputs.add(harness.input(Item.class));
        inputs.add(harness.input(Item.class));
        spec.over(inputs.get(0).stream(), inputs.get(1).stream())
            .forEach(stream -> outputs.add(harness.output(stream)));
        harness.open();
        for (int event = 0; event < EVENTS; event++) {
          clock += chance.nextInt(3);
          if (chance.nextInt(15) == 0) {
            restore();
          } else if (chance.nextInt(4) == 0) {
            watermark(chance.nextInt(2), clock - chance.nextInt(disorder));
          } else {
            arrive(clock - chance.nextInt(2 * disorder));
          }
        }
        watermark(0, 10_000);
        watermark(1, 10_000);
        assertThat(droppedBefore + dropped()).as("dropped, %s", this).isEqualTo(oracle.dropped);
        var left = new StateContents();
        harness.snapshot().keyedParts().forEach(left::add);
        assertThat(left.states()).as("left, %s", this).allMatch(state -> state.keys() == 0);
      }
    }

    private String backend() {
      String before = backend;
      backend = chance.nextBoolean() ? "hashmap" : "rocksdb";
      moved.add(before + " to " + backend);
      return backend;
    }

    private void arrive(long time) {
      boolean left = chance.nextBoolean();
      var item = new Item("k" + chance.nextInt(2), count++);
      inputs.get(left ? 0 : 1).processElement(item, time);
      check(item + " at " + time, oracle.record(left, item, time));
    }

    private void watermark(int input, long time) {
      if (time > reached[input]) {
        reached[input] = time;
        inputs.get(input).processWatermark(time);
        check("watermark " + time, oracle.watermark(Math.min(reached[0], reached[1])));
      }
    }

    /** Some of what came behind the checkpoint is lost, and what it led to is taken back. */
    private void restore() {
      Snapshot snapshot = harness.snapshot();
      droppedBefore += dropped();
      for (int lost = chance.nextInt(4); lost > 0; lost--) {
        inputs.get(lost % 2).processElement(new Item("k0", -lost), clock - lost);
      }
      harness.restore(snapshot, 1 + chance.nextInt(4), backend());
      reached[0] = Long.MIN_VALUE;
      reached[1] = Long.MIN_VALUE;
      check("a restore", List.of());
    }

    private long dropped() {
      return harness.counters().getOrDefault(DROPPED, 0L);
    }

    private void check(String what, List<String> expected) {
      var emitted = new ArrayList<String>();
      for (Output<String> output : outputs) {
        output.records().forEach(each -> emitted.add(each.value() + "@" + each.timestamp()));
        output.clear();
      }
      emitted.sort(null);
      assertThat(emitted)
          .as("after %s, %s", what, this)
          .isEqualTo(expected.stream().sorted().toList());
    }

    @Override
    public String toString() {
      return "seed " + seed + ": " + spec + " at watermark " + oracle.watermark;
    }
  }

  @Test
  void inMemoryTheyEmitWhatTheOracleDoes() {
    compare(1, 200, Store.IN_MEMORY);
  }

  @Test
  void onDiskTheyEmitWhatTheOracleDoes() {
    compare(1_000_000, 12, Store.ON_DISK);
  }

  @Test
  @Tag("long")
  void manyMoreStreams() {
    compare(2_000_000, 20_000, Store.IN_MEMORY);
    compare(3_000_000, 1_000, Store.ON_DISK);
  }

  private static void compare(long firstSeed, int seeds, Store store) {
    long dropped = 0;
    var joined = new EnumMap<Kind, Long>(Kind.class);
    var moved = new TreeSet<String>();
    for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
      var life = new Life(seed, store);
      life.live();
      dropped += life.oracle.dropped;
      joined.merge(life.spec.kind, life.oracle.joined, Long::sum);
      moved.addAll(life.moved);
    }
    assertThat(dropped).as("late ones").isGreaterThan(seeds);
    assertThat(joined).as("joined").containsOnlyKeys(Kind.values());
    assertThat(joined.values()).as("joined").allMatch(many -> many > seeds);
    assertThat(moved).contains("hashmap to rocksdb", "rocksdb to hashmap");
  }
}
