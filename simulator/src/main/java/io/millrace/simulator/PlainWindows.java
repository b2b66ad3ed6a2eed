package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowAssigner;
import io.millrace.simulator.RandomJob.Item;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Windows over items, the plainest way there is: what the {@link Interpreter} takes them for. They
 * stand in the name of their operator.
 *
 * @param kind what is known of late items
 * @param slide 0 for sessions with a gap of the size
 * @param lateness for how long after its end a window takes items
 * @param told whether items that are too late go out at the side
 */
record PlainWindows(Kind kind, long size, long slide, long offset, long lateness, boolean told)
    implements Serializable {
  private static final String NAME = "windows";
  private static final OutputTag<Item> LATE = new OutputTag<>("late") {};

  /** State of a key that counts what its windows have told. */
  static final String FIRED = "fired";

  /** How an operator's name begins that does something in event time. */
  static final String EVENT_TIME = "in event time: ";

  private static final String PAIRS_IN = EVENT_TIME + "pairs in ";

  /** What is known of late items. */
  enum Kind {
    /** There are none. */
    ON_TIME,
    /** Which they are depends on what comes when: see {@link Fates}. */
    LATE,
    /** Which they are follows from the watermark that each item came behind. */
    PUNCTUAL
  }

  static PlainWindows draw(SplittableRandom chance, Kind kind) {
    long size = 1 + chance.nextInt(60);
    boolean sessions = kind != Kind.PUNCTUAL && chance.nextInt(6) == 0;
    long slide = sessions ? 0 : chance.nextInt(3) == 0 ? size : 1 + chance.nextInt(40);
    return new PlainWindows(
        kind,
        size,
        slide,
        slide == 0 ? 0 : chance.nextInt((int) slide),
        chance.nextInt(kind == Kind.ON_TIME ? 4 : 2) == 0 ? chance.nextInt(100) : 0,
        kind != Kind.ON_TIME && chance.nextInt(4) != 0);
  }

  /** For an operator's name. */
  String name() {
    return EVENT_TIME
        + String.join(
            " ", NAME, "" + kind, "" + size, "" + slide, "" + offset, "" + lateness, "" + told);
  }

  /** For the name of a join whose pairs are told of. */
  String pairsName() {
    return PAIRS_IN + name();
  }

  /** What such a name says. */
  static Optional<PlainWindows> ofPairs(String name) {
    return name.startsWith(PAIRS_IN) ? named(name.substring(PAIRS_IN.length())) : Optional.empty();
  }

  /** What an operator's name says. */
  static Optional<PlainWindows> named(String name) {
    if (!name.startsWith(EVENT_TIME + NAME + " ")) {
      return Optional.empty();
    }
    String[] words = name.substring(EVENT_TIME.length()).split(" ");
    return Optional.of(
        new PlainWindows(
            Kind.valueOf(words[1]),
            Long.parseLong(words[2]),
            Long.parseLong(words[3]),
            Long.parseLong(words[4]),
            Long.parseLong(words[5]),
            Boolean.parseBoolean(words[6])));
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

  /**
   * An item and its time.
   *
   * @param watermark that was there before it
   */
  record Timed(long time, Item item, long watermark) {}

  /** What is told of items that come in that order. */
  List<String> lines(List<Timed> items) {
    return switch (kind) {
      case ON_TIME -> atTheEnd(items);
      case LATE ->
          items.stream().map(timed -> ItemLines.record(timed.item, timed.time)).sorted().toList();
      case PUNCTUAL -> asTheyCome(items);
    };
  }

  /** A line for each key and window. */
  private List<String> atTheEnd(List<Timed> items) {
    var lines = new ArrayList<String>();
    byKey(items)
        .forEach(
            (key, mine) -> {
              var times = mine.stream().map(Timed::time).sorted().toList();
              intervals(times)
                  .forEach(
                      (start, end) -> {
                        var inside =
                            mine.stream().filter(t -> t.time >= start && t.time < end).toList();
                        long sum = inside.stream().mapToLong(t -> t.item.number()).sum();
                        lines.add(line(key, start, end, inside.size(), sum));
                      });
            });
    return lines;
  }

  private static Map<Integer, List<Timed>> byKey(List<Timed> items) {
    var byKey = new TreeMap<Integer, List<Timed>>();
    for (Timed timed : items) {
      byKey.computeIfAbsent(timed.item.key(), key -> new ArrayList<>()).add(timed);
    }
    return byKey;
  }

  /** A line each time that a window fires, and for each item that is too late for all of its. */
  private List<String> asTheyCome(List<Timed> items) {
    var lines = new ArrayList<String>();
    byKey(items)
        .forEach(
            (key, mine) -> {
              var open = new TreeMap<Long, List<Item>>();
              long before = Long.MIN_VALUE;
              for (Timed timed : mine) {
                fire(key, open, before, timed.watermark, lines);
                before = timed.watermark;
                boolean taken = false;
                for (long start : intervals(List.of(timed.time)).keySet()) {
                  long last = start + size - 1;
                  if (last + lateness > before) {
                    taken = true;
                    var held = open.computeIfAbsent(start, s -> new ArrayList<>());
                    held.add(timed.item);
                    if (last <= before) {
                      lines.add(ItemLines.window(key, start, start + size, held));
                    }
                  }
                }
                if (!taken && told && timed.time + lateness <= before) {
                  lines.add(ItemLines.late(timed.item));
                }
              }
              fire(key, open, before, Long.MAX_VALUE, lines);
            });
    return lines;
  }

  private void fire(
      int key, TreeMap<Long, List<Item>> open, long before, long now, List<String> lines) {
    open.forEach(
        (start, held) -> {
          long last = start + size - 1;
          if (last > before && last <= now) {
            lines.add(ItemLines.window(key, start, start + size, held));
          }
        });
  }

  /** Starts and ends of the windows that items of those times are in. */
  Map<Long, Long> intervals(List<Long> sorted) {
    var intervals = new TreeMap<Long, Long>();
    for (long time : sorted) {
      if (slide == 0) {
        var last = intervals.lastEntry();
        long start = last != null && time <= last.getValue() ? last.getKey() : time;
        intervals.put(start, time + size);
        continue;
      }
      for (long start = time - size + 1; start <= time; start++) {
        if (Math.floorMod(start - offset, slide) == 0) {
          intervals.put(start, start + size);
        }
      }
    }
    return intervals;
  }

  private static String line(int key, long start, long end, long count, long sum) {
    return key + " from " + start + " to " + end + ": " + count + " items, sum " + sum;
  }

  /** What is told of items in windows. */
  DataStream<String> over(DataStream<Item> items, SplittableRandom chance, int parallelism) {
    var windowed =
        items.keyBy(Item::key).window(assigner()).allowedLateness(Duration.ofMillis(lateness));
    if (told) {
      windowed.sideOutputLateData(LATE);
    }
    boolean numbered = kind == Kind.LATE;
    var lines =
        kind == Kind.ON_TIME
            ? chance.nextBoolean()
                ? windowed.aggregate(new Totals(), new Tell())
                : windowed.process(new TellAll())
            : chance.nextBoolean()
                ? windowed.aggregate(new Gather(), new TellGathered(numbered))
                : windowed.process(new TellEach(numbered));
    lines.name(name());
    if (parallelism > 0) {
      lines.setParallelism(parallelism);
    }
    return told ? lines.union(lines.getSideOutput(LATE).map(ItemLines::late)) : lines;
  }

  /** Of some items. */
  record Total(long count, long sum) {}

  /** Counts and adds up. */
  static final class Totals implements AggregateFunction<Item, Total, Total> {
    @Override
    public Total createAccumulator() {
      return new Total(0, 0);
    }

    @Override
    public Total add(Item item, Total total) {
      return new Total(total.count + 1, total.sum + item.number());
    }

    @Override
    public Total getResult(Total total) {
      return total;
    }

    @Override
    public Total merge(Total left, Total right) {
      return new Total(left.count + right.count, left.sum + right.sum);
    }
  }

  /** Tells totals. */
  static final class Tell extends ProcessWindowFunction<Total, String, Integer, TimeWindow> {
    @Override
    public void process(
        Integer key, Context context, Iterable<Total> totals, Collector<String> out) {
      for (Total total : totals) {
        TimeWindow window = context.window();
        out.collect(line(key, window.start(), window.end(), total.count, total.sum));
      }
    }
  }

  /** Adds up all items of a window, and tells. */
  static final class TellAll extends ProcessWindowFunction<Item, String, Integer, TimeWindow> {
    @Override
    public void process(Integer key, Context context, Iterable<Item> items, Collector<String> out) {
      long count = 0;
      long sum = 0;
      for (Item item : items) {
        count++;
        sum += item.number();
      }
      out.collect(line(key, context.window().start(), context.window().end(), count, sum));
    }
  }

  /** Ids of items, in no order. */
  record Gathered(List<String> ids) {
    Gathered with(List<String> others) {
      var all = new ArrayList<>(ids);
      all.addAll(others);
      return new Gathered(all);
    }
  }

  /** Remembers each item. */
  static final class Gather implements AggregateFunction<Item, Gathered, Gathered> {
    @Override
    public Gathered createAccumulator() {
      return new Gathered(List.of());
    }

    @Override
    public Gathered add(Item item, Gathered gathered) {
      return gathered.with(List.of(ItemLines.id(item)));
    }

    @Override
    public Gathered getResult(Gathered gathered) {
      return gathered;
    }

    @Override
    public Gathered merge(Gathered one, Gathered other) {
      return one.with(other.ids);
    }
  }

  /** The line, with how many windows of the key have told theirs by then. */
  private static String numbered(String line, KeyedStateStore state) throws Exception {
    ValueState<Integer> fired = state.getState(new ValueStateDescriptor<>(FIRED, Integer.class));
    int now = fired.value() == null ? 1 : fired.value() + 1;
    fired.update(now);
    return ItemLines.numbered(line, now);
  }

  /** Tells what was gathered. */
  static final class TellGathered
      extends ProcessWindowFunction<Gathered, String, Integer, TimeWindow> {
    private final boolean numbered;

    TellGathered(boolean numbered) {
      this.numbered = numbered;
    }

    @Override
    public void process(
        Integer key, Context context, Iterable<Gathered> gathered, Collector<String> out)
        throws Exception {
      for (Gathered each : gathered) {
        TimeWindow window = context.window();
        String line = ItemLines.window(key, window.start(), window.end(), each.ids);
        out.collect(numbered ? numbered(line, context.globalState()) : line);
      }
    }
  }

  /** Tells each item. */
  static final class TellEach extends ProcessWindowFunction<Item, String, Integer, TimeWindow> {
    private final boolean numbered;

    TellEach(boolean numbered) {
      this.numbered = numbered;
    }

    @Override
    public void process(Integer key, Context context, Iterable<Item> items, Collector<String> out)
        throws Exception {
      TimeWindow window = context.window();
      String line = ItemLines.window(key, window.start(), window.end(), items);
      out.collect(numbered ? numbered(line, context.globalState()) : line);
    }
  }
}
