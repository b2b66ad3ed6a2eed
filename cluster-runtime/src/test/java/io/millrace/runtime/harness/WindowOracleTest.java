package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.harness.WindowOracle.Function;
import io.millrace.runtime.harness.WindowOracle.Kind;
import io.millrace.runtime.harness.WindowOracle.Spec;
import io.millrace.runtime.harness.WindowPrograms.Item;
import io.millrace.runtime.state.StateContents;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Windows of all kinds, as programs declare them, against the {@link WindowOracle}: over random
 * streams out of order, in both stores, restored now and then from a checkpoint with any
 * parallelism, into the same store or the other.
 */
class WindowOracleTest {
  /** One store or the other, drawn anew at each start. */
  private static final String EITHER = "either";

  private static final String LATE = "numLateRecordsDropped";

  /** One thing that happens. */
  private sealed interface Event {
    record Arrives(String key, int number, long time) implements Event {}

    record Watermark(long time) implements Event {}

    record Clock(long time) implements Event {}
  }

  @Test
  void windowsOnTheHeapEmitWhatTheOracleDoes() {
    compare(1, 800, "hashmap");
  }

  @Test
  void windowsOnDiskEmitWhatTheOracleDoes() {
    compare(1_000_000, 30, "rocksdb");
  }

  @Test
  void windowsThatGoFromOneStoreToTheOtherEmitWhatTheOracleDoes() {
    compare(4_000_000, 30, EITHER);
  }

  @Test
  @Tag("long")
  void manyMoreStreams() {
    compare(2_000_000, 60_000, "hashmap");
    compare(3_000_000, 2_000, "rocksdb");
    compare(5_000_000, 1_000, EITHER);
  }

  private static void compare(long firstSeed, int seeds, String store) {
    var states = new ConcurrentSkipListSet<String>();
    var failures = new ConcurrentSkipListMap<Long, Throwable>();
    LongStream.range(firstSeed, firstSeed + seeds)
        .parallel()
        .forEach(
            seed -> {
              try {
                states.addAll(new Life(seed, store).live());
              } catch (RuntimeException | AssertionError e) {
                String which = "seed " + seed + " in " + store;
                failures.put(seed, new AssertionError(which + ": " + e, e));
              }
            });
    assertThat(failures.values().stream().limit(3)).as("%d failed", failures.size()).isEmpty();
    // Both ways to keep windows were taken.
    assertThat(states).contains("KeySlices", "KeyWindows");
  }

  /** One stream through one kind of windows. */
  private static final class Life {
    private final long seed;
    private final String store;
    private final SplittableRandom chance;
    private final Spec spec;
    private final List<Event> events;
    private final WindowOracle oracle;
    private final List<Output<String>> outputs = new ArrayList<>();
    private OperatorHarness harness;
    private Input<Item> input;
    private long watermark = Long.MIN_VALUE;
    private long droppedBefore;

    Life(long seed, String store) {
      this.seed = seed;
      this.store = store;
      this.chance = new SplittableRandom(seed);
      this.spec = Spec.draw(chance);
      this.events = events();
      this.oracle = new WindowOracle(spec);
    }

    /** Some of it late, and in the end event time is far enough for all windows that end. */
    private List<Event> events() {
      var all = new ArrayList<Event>();
      int keys = 1 + chance.nextInt(3);
      int disorder = chance.nextInt(40);
      int pace = 1 + chance.nextInt(3);
      long reached = -100;
      long clock = 0;
      int count = 1 + chance.nextInt(40);
      for (int i = 0; i < count; i++) {
        long time = -20 + i * pace - chance.nextInt(disorder + 1);
        all.add(new Event.Arrives("k" + chance.nextInt(keys), i, time));
        if (chance.nextInt(4) == 0 && time > reached) {
          reached = Math.max(reached + 1, time - chance.nextInt(10));
          all.add(new Event.Watermark(reached));
        }
        if (chance.nextInt(5) == 0) {
          boolean back = spec.shares() && chance.nextInt(4) == 0;
          clock += back ? -chance.nextInt(40) : 1 + chance.nextInt(15);
          clock = Math.max(0, clock);
          all.add(new Event.Clock(clock));
        }
      }
      all.add(new Event.Watermark(300));
      return all;
    }

    /** What the states held that were there. */
    TreeSet<String> live() {
      try (var opened = new OperatorHarness()) {
        harness = opened;
        harness.set("state.backend.type", backend());
        harness.set("pipeline.combine", "" + chance.nextBoolean());
        harness.setParallelism(1 + chance.nextInt(2));
        input = harness.input(Item.class);
        WindowPrograms.lines(spec, input.stream())
            .forEach(stream -> outputs.add(harness.output(stream)));
        harness.open();
        var names = new TreeSet<String>();
        for (int i = 0; i < events.size(); i++) {
          if (chance.nextInt(12) == 0) {
            restore(events.subList(i, Math.min(events.size(), i + chance.nextInt(6))));
          }
          happen(events.get(i));
          check(events.get(i).toString(), asOracle(events.get(i)));
          if (i == events.size() / 2) {
            states(harness.snapshot())
                .forEach(each -> names.add(each.types().replaceAll("[\\w.]*\\.(\\w+)<.*", "$1")));
          }
        }
        assertThat(droppedBefore + dropped())
            .as("records dropped, %s", this)
            .isEqualTo(oracle.dropped());
        checkNothingIsLeft();
        return names;
      }
    }

    private String backend() {
      if (store.equals(EITHER)) {
        return chance.nextBoolean() ? "hashmap" : "rocksdb";
      }
      return store;
    }

    private void restore(List<Event> lost) {
      Snapshot snapshot = harness.snapshot();
      droppedBefore += dropped();
      long reached = watermark;
      lost.forEach(this::happen);
      harness.restore(snapshot, 1 + chance.nextInt(3), backend());
      watermark = reached;
      harness.setProcessingTime(harness.processingTime());
      check("restore", oracle.restored(harness.processingTime()));
      if (chance.nextBoolean() && reached != Long.MIN_VALUE) {
        input.processWatermark(reached); // watermarks grow anew
        check("watermark after a restore", oracle.watermark(reached));
      }
    }

    private long dropped() {
      return harness.counters().getOrDefault(LATE, 0L);
    }

    private void happen(Event event) {
      if (event instanceof Event.Arrives item) {
        input.processElement(new Item(item.key, item.number, "" + item.number), item.time);
      } else if (event instanceof Event.Watermark reached) {
        watermark = reached.time;
        input.processWatermark(reached.time);
      } else if (event instanceof Event.Clock clock) {
        harness.setProcessingTime(clock.time);
      }
    }

    private List<String> asOracle(Event event) {
      if (event instanceof Event.Arrives item) {
        return oracle.record(item.key, item.number, item.time);
      } else if (event instanceof Event.Watermark reached) {
        return oracle.watermark(reached.time);
      }
      return oracle.clock(((Event.Clock) event).time);
    }

    private void check(String what, List<String> expected) {
      var emitted = new ArrayList<String>();
      for (Output<String> output : outputs) {
        output.records().forEach(each -> emitted.add(each.value() + "@" + each.timestamp()));
        output.clear();
      }
      emitted.sort(null);
      assertThat(emitted).as("after %s, %s", what, this).isEqualTo(expected);
    }

    private void checkNothingIsLeft() {
      long end = harness.processingTime() + 100;
      harness.setProcessingTime(end);
      check("the last clock", oracle.clock(end));
      if (spec.kind().ends()) {
        assertThat(
                states(harness.snapshot()).filter(each -> each.keys() > 0).map(each -> each.name()))
            .as("left in state, %s", this)
            .isEmpty();
      }
    }

    private static Stream<StateContents.Content> states(Snapshot snapshot) {
      var contents = new StateContents();
      snapshot.keyedParts().forEach(contents::add);
      return contents.states().stream();
    }

    @Override
    public String toString() {
      return "seed " + seed + " in " + store + ": " + spec + " over " + events;
    }
  }

  /** A spec that is never drawn would prove nothing. */
  @Test
  void drawsEveryKindOfWindowsWithEveryFunction() {
    var drawn = new TreeSet<String>();
    for (long seed = 1; seed <= 1_200; seed++) {
      Spec spec = Spec.draw(new SplittableRandom(seed));
      drawn.add(spec.kind() + " " + spec.function());
    }
    assertThat(drawn).hasSize(Kind.values().length * Function.values().length);
  }
}
