package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.WindowedStream;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.WindowStagger;
import io.millrace.simulator.RandomJob.Item;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Windows that are moved for each key group. By how much depends on chance or on when items came;
 * what must not is that each item counts in one window, and that no window of a key overlaps
 * another, whatever the job is restored from.
 */
final class Staggered {
  /** Items of a key in one window. */
  private record Counted(int key, long start, long items) {}

  /** What is told of the windows at the end. */
  static DataStream<String> about(SplittableRandom chance, DataStream<Item> items) {
    long size = 2 + chance.nextInt(60);
    var stagger = chance.nextBoolean() ? WindowStagger.RANDOM : WindowStagger.NATURAL;
    WindowedStream<Item, Integer, TimeWindow> windows =
        items
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Item>noWatermarks()
                    .withTimestampAssigner((item, old) -> item.number()))
            .keyBy(Item::key)
            .window(
                TumblingEventTimeWindows.of(
                    Duration.ofMillis(size),
                    Duration.ofMillis(chance.nextInt((int) size)),
                    stagger));
    DataStream<Counted> counted =
        chance.nextBoolean()
            ? windows.aggregate(new Number(), new Tell())
            : windows.process(new CountAll());
    return counted.keyBy(Counted::key).process(new Check(size));
  }

  private static final class Number implements AggregateFunction<Item, Long, Long> {
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
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }

  private static final class Tell
      extends ProcessWindowFunction<Long, Counted, Integer, TimeWindow> {
    @Override
    public void process(
        Integer key, Context context, Iterable<Long> counts, Collector<Counted> out) {
      for (long count : counts) {
        out.collect(new Counted(key, context.window().start(), count));
      }
    }
  }

  private static final class CountAll
      extends ProcessWindowFunction<Item, Counted, Integer, TimeWindow> {
    @Override
    public void process(
        Integer key, Context context, Iterable<Item> items, Collector<Counted> out) {
      long count = 0;
      for (Item item : items) {
        count += item.key() == key ? 1 : 1_000_000;
      }
      out.collect(new Counted(key, context.window().start(), count));
    }
  }

  private static final class Check extends KeyedProcessFunction<Integer, Counted, String> {
    private final long size;
    private transient ValueState<Long> offset;
    private transient ValueState<Long> items;

    Check(long size) {
      this.size = size;
    }

    @Override
    public void open(OpenContext context) {
      offset = getRuntimeContext().getState(new ValueStateDescriptor<>("offset", Long.class));
      items = getRuntimeContext().getState(new ValueStateDescriptor<>("items", Long.class));
    }

    @Override
    public void processElement(Counted window, Context context, Collector<String> out)
        throws Exception {
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      long found = Math.floorMod(window.start, size);
      if (offset.value() == null) {
        offset.update(found);
      } else if (offset.value() != found) {
        out.collect("a window is moved by " + found + ", others by " + offset.value());
      }
      items.update(window.items + (items.value() == null ? 0 : items.value()));
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      out.collect(context.getCurrentKey() + " told " + items.value() + " in moved windows");
    }
  }

  private Staggered() {}
}
