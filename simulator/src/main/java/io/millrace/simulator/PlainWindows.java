package io.millrace.simulator;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
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
 * @param slide 0 for sessions with a gap of the size
 */
record PlainWindows(long size, long slide, long offset) implements Serializable {
  private static final String NAME = "windows";

  static PlainWindows draw(SplittableRandom chance) {
    long size = 1 + chance.nextInt(60);
    long slide =
        chance.nextInt(3) == 0 ? size : chance.nextInt(4) == 0 ? 0 : 1 + chance.nextInt(40);
    return new PlainWindows(size, slide, slide == 0 ? 0 : chance.nextInt((int) slide));
  }

  /** For an operator's name. */
  String name() {
    return NAME + " " + size + " " + slide + " " + offset;
  }

  /** What an operator's name says. */
  static Optional<PlainWindows> named(String name) {
    String[] words = name.split(" ");
    return words[0].equals(NAME)
        ? Optional.of(
            new PlainWindows(
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3])))
        : Optional.empty();
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

  /** An item and its time. */
  record Timed(long time, Item item) {}

  /** A line for each key and window. */
  List<String> lines(List<Timed> items) {
    var byKey = new TreeMap<Integer, List<Timed>>();
    for (Timed timed : items) {
      byKey.computeIfAbsent(timed.item.key(), key -> new ArrayList<>()).add(timed);
    }
    var lines = new ArrayList<String>();
    byKey.forEach(
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

  private Map<Long, Long> intervals(List<Long> sorted) {
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
}
