package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.window.WindowCall;
import io.millrace.api.operator.window.WindowOperators;
import io.millrace.api.operator.window.WindowSpec;
import io.millrace.api.type.TypeHint;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Event-time windows against the plainest computation there is, over thousands of streams. */
class WindowOracleTest {
  private static final int STREAMS = 700;

  private static final TypeInformation<ArrayList<Integer>> NUMBERS =
      TypeInformation.of(new TypeHint<ArrayList<Integer>>() {});
  private static final TypeInformation<Item> ITEMS = TypeInformation.of(Item.class);

  record Item(String key, long time, int number) {}

  /** One thing that happens: a record, or a watermark if there is none. */
  private record Event(Item item, long watermark) {}

  /**
   * A stream and the windows over it; {@code slide} 0 stands for sessions with a gap of the size.
   */
  private record Case(long size, long slide, long offset, long lateness, List<Event> events) {
    static Case draw(SplittableRandom chance, boolean sessions) {
      long size = 1 + chance.nextInt(20);
      long slide = chance.nextInt(3) == 0 ? size : 1 + chance.nextInt(20);
      long offset = chance.nextInt((int) (2 * slide - 1)) - (slide - 1);
      long lateness = chance.nextBoolean() ? 0 : chance.nextInt(30);
      int keys = 1 + chance.nextInt(3);
      int disorder = chance.nextInt(40);
      var events = new ArrayList<Event>();
      long watermark = -100;
      int count = 1 + chance.nextInt(60);
      for (int i = 0; i < count; i++) {
        long time = -20 + i * (1 + chance.nextInt(3)) - chance.nextInt(disorder + 1);
        events.add(new Event(new Item("k" + chance.nextInt(keys), time, i), 0));
        if (chance.nextInt(4) == 0) {
          watermark = Math.max(watermark, time - chance.nextInt(10));
          events.add(new Event(null, watermark));
        }
      }
      events.add(new Event(null, Long.MAX_VALUE));
      return sessions
          ? new Case(size, 0, 0, lateness, events)
          : new Case(size, slide, offset, lateness, events);
    }

    WindowAssigner<Object, TimeWindow> assigner() {
      if (slide == 0) {
        return EventTimeSessionWindows.withGap(Duration.ofMillis(size));
      }
      return slide == size
          ? TumblingEventTimeWindows.of(Duration.ofMillis(size), Duration.ofMillis(offset))
          : SlidingEventTimeWindows.of(
              Duration.ofMillis(size), Duration.ofMillis(slide), Duration.ofMillis(offset));
    }

    /** For what each event makes an operator emit, sorted, and at the end the number dropped. */
    List<List<String>> oracle() {
      var open = new TreeMap<String, List<Interval>>();
      var all = new ArrayList<List<String>>();
      long watermark = Long.MIN_VALUE;
      int dropped = 0;
      for (Event event : events) {
        var out = new ArrayList<String>();
        if (event.item == null) {
          for (var ofKey : open.entrySet()) {
            for (Interval each : ofKey.getValue()) {
              if (each.end - 1 > watermark && each.end - 1 <= event.watermark) {
                out.add(each.line(ofKey.getKey()));
              }
            }
            ofKey.getValue().removeIf(each -> closed(each.end, event.watermark));
          }
          watermark = event.watermark;
        } else {
          var mine = open.computeIfAbsent(event.item.key, key -> new ArrayList<>());
          boolean taken = false;
          for (Interval each : intervals(event.item.time, mine)) {
            if (!closed(each.end, watermark)) {
              taken = true;
              each.numbers.add(event.item.number);
              if (!mine.contains(each)) {
                mine.add(each);
              }
              if (each.end - 1 <= watermark) {
                out.add(each.line(event.item.key));
              }
            }
          }
          boolean late = watermark > Long.MIN_VALUE && event.item.time + lateness <= watermark;
          dropped += !taken && late ? 1 : 0;
        }
        out.sort(null);
        all.add(out);
      }
      all.add(List.of(dropped + " dropped"));
      return all;
    }

    private boolean closed(long end, long watermark) {
      return watermark > Long.MIN_VALUE && end - 1 + lateness <= watermark;
    }

    /** The intervals that take a record, those there are or new ones. */
    private List<Interval> intervals(long time, List<Interval> mine) {
      var result = new ArrayList<Interval>();
      if (slide == 0) {
        var session = new Interval(time, time + size, new ArrayList<>());
        for (Interval other : List.copyOf(mine)) {
          if (other.start <= session.end && session.start <= other.end) {
            mine.remove(other);
            other.numbers.addAll(session.numbers);
            session =
                new Interval(
                    Math.min(other.start, session.start),
                    Math.max(other.end, session.end),
                    other.numbers);
          }
        }
        result.add(session);
        return result;
      }
      for (long start = time - size + 1; start <= time; start++) {
        if (Math.floorMod(start - offset, slide) == 0) {
          long from = start;
          result.add(
              mine.stream()
                  .filter(each -> each.start == from)
                  .findFirst()
                  .orElse(new Interval(from, from + size, new ArrayList<>())));
        }
      }
      return result;
    }
  }

  private record Interval(long start, long end, List<Integer> numbers) {
    String line(String key) {
      return key
          + " "
          + start
          + ".."
          + end
          + " "
          + numbers.stream().sorted().toList()
          + "@"
          + (end - 1);
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(start);
    }
  }

  @Test
  void slicesGiveWhatAnyWindowsGive() throws Exception {
    compare(1, false, item -> assertThat(item).isEqualTo("SliceOperator"), null);
  }

  @Test
  void panesGiveWhatAnyWindowsGive() throws Exception {
    compare(2, false, item -> assertThat(item).isEqualTo("WindowOperator"), new AtTheEnd());
  }

  @Test
  void sessionsAreWhatTheyShouldBe() throws Exception {
    compare(3, true, item -> assertThat(item).isEqualTo("WindowOperator"), null);
  }

  private interface Check {
    void operator(String name);
  }

  private static void compare(
      int seed, boolean sessions, Check check, Trigger<Object, TimeWindow> trigger)
      throws Exception {
    var chance = new SplittableRandom(seed);
    for (int stream = 0; stream < STREAMS; stream++) {
      var drawn = Case.draw(chance, sessions);
      var bench = bench(drawn, trigger);
      check.operator(bench.operatorClass());
      List<List<String>> actual = run(drawn, bench, chance);
      assertThat(actual).as("stream %d: %s", stream, drawn).isEqualTo(drawn.oracle());
      assertThat(bench.entries()).as("state is left of stream %d", stream).isZero();
    }
  }

  @SuppressWarnings("unchecked") // an assigner or trigger of any object is one of items
  private static WindowBench<Item, String> bench(Case drawn, Trigger<Object, TimeWindow> trigger)
      throws Exception {
    var spec =
        new WindowSpec<Item, TimeWindow>(
            (WindowAssigner<Item, TimeWindow>) (WindowAssigner<?, TimeWindow>) drawn.assigner(),
            (Trigger<Item, TimeWindow>) (Trigger<?, TimeWindow>) trigger,
            null,
            drawn.lateness,
            null);
    OperatorFactory<Item, String> factory =
        WindowOperators.aggregate(
            spec,
            new Collect(),
            NUMBERS,
            ITEMS,
            WindowCall.<String, TimeWindow, List<Integer>, String>of(
                (key, window, results, out) -> {
                  for (List<Integer> numbers : results) {
                    out.collect(key + " " + window.start() + ".." + window.end() + " " + numbers);
                  }
                }));
    return new WindowBench<>(factory, Item::key, String.class);
  }

  private static List<List<String>> run(
      Case drawn, WindowBench<Item, String> bench, SplittableRandom chance) throws Exception {
    var all = new ArrayList<List<String>>();
    List<Event> events = drawn.events;
    for (int i = 0; i < events.size(); i++) {
      if (chance.nextInt(20) == 0) {
        int from = i;
        int to = Math.min(events.size(), i + chance.nextInt(10));
        long before = bench.watermark;
        bench.restoreAfter(
            () -> {
              for (Event event : events.subList(from, to)) {
                feed(bench, event);
              }
            });
        if (chance.nextBoolean() && before != Long.MIN_VALUE) {
          bench.watermarkTo(before - chance.nextInt(5)); // watermarks grow anew
        }
      }
      feed(bench, events.get(i));
      all.add(bench.emitted().stream().sorted().toList());
    }
    all.add(List.of(bench.dropped() + " dropped"));
    return all;
  }

  private static void feed(WindowBench<Item, String> bench, Event event) throws Exception {
    if (event.item == null) {
      bench.watermarkTo(event.watermark);
    } else {
      bench.take(event.item, event.item.time);
    }
  }

  /** An accumulator that shows whether anybody else changed it. */
  private static final class Collect
      implements AggregateFunction<Item, ArrayList<Integer>, List<Integer>> {
    @Override
    public ArrayList<Integer> createAccumulator() {
      return new ArrayList<>();
    }

    @Override
    public ArrayList<Integer> add(Item value, ArrayList<Integer> accumulator) {
      accumulator.add(value.number());
      return accumulator;
    }

    @Override
    public List<Integer> getResult(ArrayList<Integer> accumulator) {
      return accumulator.stream().sorted().toList();
    }

    @Override
    public ArrayList<Integer> merge(ArrayList<Integer> left, ArrayList<Integer> right) {
      left.addAll(right);
      return left;
    }
  }

  /** The default trigger, but not known as such. */
  private static final class AtTheEnd extends Trigger<Object, TimeWindow> {
    private final EventTimeTrigger inner = EventTimeTrigger.create();

    @Override
    public TriggerResult onElement(
        Object element, long timestamp, TimeWindow window, TriggerContext ctx) {
      return inner.onElement(element, timestamp, window, ctx);
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext ctx) {
      return inner.onProcessingTime(time, window, ctx);
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext ctx) {
      return inner.onEventTime(time, window, ctx);
    }

    @Override
    public void clear(TimeWindow window, TriggerContext ctx) {
      inner.clear(window, ctx);
    }
  }
}
