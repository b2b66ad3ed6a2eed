package io.millrace.runtime.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.harness.OperatorHarness.Input;
import io.millrace.runtime.harness.OperatorHarness.Output;
import io.millrace.runtime.harness.OperatorHarness.Snapshot;
import io.millrace.runtime.harness.WindowOracle.Evicting;
import io.millrace.runtime.harness.WindowOracle.Firing;
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
  private static final String HEAP = "hashmap";
  private static final String DISK = "rocksdb";
  private static final String LATE = "numLateRecordsDropped";

  /** Where state is. */
  private enum Store {
    HEAP,
    /** In the form that it has on disk, which takes a fraction of the time. */
    ROWS,
    DISK,
    /** On the heap or on disk, drawn anew at each start. */
    EITHER
  }

  /** One thing that happens. */
  private sealed interface Event {
    record Arrives(String key, int number, long time) implements Event {}

    record Watermark(long time) implements Event {}

    record Clock(long time) implements Event {}
  }

  // Those seeds have all that is required.

  @Test
  void windowsOnTheHeapEmitWhatTheOracleDoes() {
    compare(101, 400, Store.HEAP);
  }

  @Test
  void windowsInRowsEmitWhatTheOracleDoes() {
    compare(601, 400, Store.ROWS);
  }

  @Test
  void windowsOnDiskEmitWhatTheOracleDoes() {
    compare(1_000_090, 30, Store.DISK);
  }

  @Test
  void windowsThatGoFromOneStoreToTheOtherEmitWhatTheOracleDoes() {
    compare(4_000_280, 30, Store.EITHER);
  }

  @Test
  @Tag("long")
  void manyMoreStreams() {
    compare(2_000_000, 60_000, Store.HEAP);
    compare(6_000_000, 20_000, Store.ROWS);
    compare(3_000_000, 2_000, Store.DISK);
    compare(5_000_000, 1_000, Store.EITHER);
  }

  private static void compare(long firstSeed, int seeds, Store store) {
    var seen = new ConcurrentSkipListSet<String>();
    var failures = new ConcurrentSkipListMap<Long, Throwable>();
    LongStream.range(firstSeed, firstSeed + seeds)
        .parallel()
        .forEach(
            seed -> {
              try {
                seen.addAll(new Life(seed, store).live());
              } catch (RuntimeException | AssertionError e) {
                String which = "seed " + seed + " in " + store;
                failures.put(seed, new AssertionError(which + ": " + e, e));
              }
            });
    assertThat(failures.values().stream().limit(3)).as("%d failed", failures.size()).isEmpty();
    assertThat(seen).as("seen in %s", store).containsAll(required(seeds, store));
  }

  /** What no life has had would not be proved. */
  private static List<String> required(int seeds, Store store) {
    // Both ways to keep windows.
    var required = new ArrayList<>(List.of("KeySlices", "KeyWindows"));
    for (Kind kind : Kind.values()) {
      required.add("" + kind);
      for (Function function : Function.values()) {
        if (seeds >= 400) {
          required.add(kind + " with " + function);
        }
      }
    }
    Stream.of(Firing.values()).forEach(each -> required.add("fires by " + each));
    Stream.of(Evicting.values()).forEach(each -> required.add("evicts by " + each));
    Stream.of(Function.values()).forEach(each -> required.add("computes by " + each));
    for (boolean each : new boolean[] {true, false}) {
      required.add("lateness " + each);
      required.add("late ones aside " + each);
      required.add("combines " + each);
    }
    if (store == Store.EITHER) {
      required.add("from " + HEAP + " to " + DISK);
      required.add("from " + DISK + " to " + HEAP);
    }
    return required;
  }

  /** One stream through one kind of windows. */
  private static final class Life {
    private final long seed;
    private final Store store;
    private final SplittableRandom chance;
    private final Spec spec;
    private final List<Event> events;
    private final WindowOracle oracle;
    private final List<Output<String>> outputs = new ArrayList<>();
    private final TreeSet<String> seen = new TreeSet<>();
    private OperatorHarness harness;
    private String backend;
    private Input<Item> input;
    private long watermark = Long.MIN_VALUE;
    private long droppedBefore;

    Life(long seed, Store store) {
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

    /** What it has had, and what the states held that were there. */
    TreeSet<String> live() {
      try (var opened = new OperatorHarness()) {
        harness = opened;
        backend = backend();
        harness.set("state.backend.type", backend);
        if (store == Store.ROWS) {
          harness.keepRowsInMemory();
        }
        boolean combines = chance.nextBoolean();
        harness.set("pipeline.combine", "" + combines);
        note(combines);
        harness.setParallelism(1 + chance.nextInt(2));
        input = harness.input(Item.class);
        WindowPrograms.lines(spec, input.stream())
            .forEach(stream -> outputs.add(harness.output(stream)));
        harness.open();
        for (int i = 0; i < events.size(); i++) {
          if (chance.nextInt(12) == 0) {
            restore(events.subList(i, Math.min(events.size(), i + chance.nextInt(6))));
          }
          happen(events.get(i));
          check(events.get(i).toString(), asOracle(events.get(i)));
          if (i == events.size() / 2) {
            states(harness.snapshot())
                .forEach(each -> seen.add(each.types().replaceAll("[\\w.]*\\.(\\w+)<.*", "$1")));
          }
        }
        assertThat(droppedBefore + dropped())
            .as("records dropped, %s", this)
            .isEqualTo(oracle.dropped());
        checkNothingIsLeft();
        return seen;
      }
    }

    private void note(boolean combines) {
      seen.add("" + spec.kind());
      seen.add(spec.kind() + " with " + spec.function());
      seen.add("fires by " + spec.firing());
      seen.add("evicts by " + spec.evicting());
      seen.add("computes by " + spec.function());
      seen.add("lateness " + (spec.lateness() > 0));
      seen.add("late ones aside " + spec.lateAside());
      seen.add("combines " + combines);
    }

    private String backend() {
      return switch (store) {
        case HEAP -> HEAP;
        case ROWS, DISK -> DISK;
        case EITHER -> chance.nextBoolean() ? HEAP : DISK;
      };
    }

    private void restore(List<Event> lost) {
      Snapshot snapshot = harness.snapshot();
      droppedBefore += dropped();
      long reached = watermark;
      lost.forEach(this::happen);
      int parallelism = 1 + chance.nextInt(3);
      String before = backend;
      backend = backend();
      seen.add("from " + before + " to " + backend);
      harness.restore(snapshot, parallelism, backend);
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
}
