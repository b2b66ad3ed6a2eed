package io.millrace.runtime.harness;

import io.millrace.api.AllWindowedStream;
import io.millrace.api.DataStream;
import io.millrace.api.KeyedStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.WindowedStream;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.window.AllWindowFunction;
import io.millrace.api.window.ContinuousEventTimeTrigger;
import io.millrace.api.window.ContinuousProcessingTimeTrigger;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.DeltaEvictor;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.EventTimeTrigger;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.GlobalWindow;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.ProcessingTimeSessionWindows;
import io.millrace.api.window.ProcessingTimeTrigger;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.SlidingProcessingTimeWindows;
import io.millrace.api.window.TimeEvictor;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TimestampedValue;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowFunction;
import io.millrace.runtime.harness.WindowOracle.Evicting;
import io.millrace.runtime.harness.WindowOracle.Firing;
import io.millrace.runtime.harness.WindowOracle.Spec;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/** What a {@link Spec} is in a program. */
final class WindowPrograms {
  private static final OutputTag<Item> LATE = new OutputTag<>("late") {};

  /**
   * @param all the numbers that it was reduced from
   */
  record Item(String key, int number, String all) {
    Item with(Item other) {
      return new Item(key, number, all + " " + other.all);
    }

    List<Integer> numbers() {
      return Arrays.stream(all.split(" ")).map(Integer::valueOf).sorted().toList();
    }
  }

  /** What windows emit, and what comes too late for them. */
  static List<DataStream<String>> lines(Spec spec, DataStream<Item> items) {
    SingleOutputStreamOperator<?> windows =
        spec.keyed() ? keyed(spec, items.keyBy(Item::key)) : all(spec, items);
    DataStream<String> lines =
        windows.map(each -> each instanceof Item item ? "" + item.numbers() : (String) each);
    return spec.lateAside()
        ? List.of(lines, windows.getSideOutput(LATE).map(item -> "late " + item.number()))
        : List.of(lines);
  }

  private static SingleOutputStreamOperator<?> keyed(Spec spec, KeyedStream<Item, String> items) {
    return switch (spec.kind()) {
      case COUNT -> computed(spec, items.countWindow(spec.size()));
      case COUNT_SLIDING -> computed(spec, items.countWindow(spec.size(), spec.slide()));
      case GLOBAL -> computed(spec, settled(spec, items.window(GlobalWindows.create())));
      default -> computed(spec, settled(spec, items.window(assigner(spec))));
    };
  }

  private static SingleOutputStreamOperator<?> all(Spec spec, DataStream<Item> items) {
    return switch (spec.kind()) {
      case COUNT -> computed(spec, items.countWindowAll(spec.size()));
      case COUNT_SLIDING -> computed(spec, items.countWindowAll(spec.size(), spec.slide()));
      case GLOBAL -> computed(spec, settled(spec, items.windowAll(GlobalWindows.create())));
      default -> computed(spec, settled(spec, items.windowAll(assigner(spec))));
    };
  }

  @SuppressWarnings("unchecked") // an assigner of any object is one of items
  private static WindowAssigner<Item, TimeWindow> assigner(Spec spec) {
    Duration size = Duration.ofMillis(spec.size());
    Duration slide = Duration.ofMillis(spec.slide());
    Duration offset = Duration.ofMillis(spec.offset());
    int most = spec.size();
    WindowAssigner<?, TimeWindow> assigner =
        switch (spec.kind()) {
          case TUMBLING -> TumblingEventTimeWindows.of(size, offset);
          case SLIDING -> SlidingEventTimeWindows.of(size, slide, offset);
          case SESSION -> EventTimeSessionWindows.withGap(size);
          case DYNAMIC_SESSION ->
              EventTimeSessionWindows.withDynamicGap((Item item) -> Spec.gap(most, item.number()));
          case CLOCK_TUMBLING -> TumblingProcessingTimeWindows.of(size, offset);
          case CLOCK_SLIDING -> SlidingProcessingTimeWindows.of(size, slide, offset);
          case CLOCK_SESSION -> ProcessingTimeSessionWindows.withGap(size);
          case CLOCK_DYNAMIC_SESSION ->
              ProcessingTimeSessionWindows.withDynamicGap(
                  (Item item) -> Spec.gap(most, item.number()));
          case GLOBAL, COUNT, COUNT_SLIDING -> throw new IllegalArgumentException("no times");
        };
    return (WindowAssigner<Item, TimeWindow>) assigner;
  }

  private static <W extends Window> WindowedStream<Item, String, W> settled(
      Spec spec, WindowedStream<Item, String, W> windows) {
    if (spec.firing() != Firing.DEFAULT || spec.purging()) {
      windows = windows.trigger(trigger(spec));
    }
    if (spec.evicting() != Evicting.NONE) {
      windows = windows.evictor(evictor(spec));
    }
    if (spec.lateAside()) {
      windows = windows.sideOutputLateData(LATE);
    }
    return spec.lateness() > 0
        ? windows.allowedLateness(Duration.ofMillis(spec.lateness()))
        : windows;
  }

  private static <W extends Window> AllWindowedStream<Item, W> settled(
      Spec spec, AllWindowedStream<Item, W> windows) {
    if (spec.firing() != Firing.DEFAULT || spec.purging()) {
      windows = windows.trigger(trigger(spec));
    }
    if (spec.evicting() != Evicting.NONE) {
      windows = windows.evictor(evictor(spec));
    }
    if (spec.lateAside()) {
      windows = windows.sideOutputLateData(LATE);
    }
    return spec.lateness() > 0
        ? windows.allowedLateness(Duration.ofMillis(spec.lateness()))
        : windows;
  }

  @SuppressWarnings("unchecked") // a trigger of any object is one of items, and W fits its windows
  private static <W extends Window> Trigger<Item, W> trigger(Spec spec) {
    Duration every = Duration.ofMillis(spec.every());
    Trigger<?, ?> trigger =
        switch (spec.firing()) {
          case DEFAULT ->
              spec.kind().byClock() ? ProcessingTimeTrigger.create() : EventTimeTrigger.create();
          case COUNT -> CountTrigger.of(spec.every());
          case CONTINUOUS_EVENT -> ContinuousEventTimeTrigger.of(every);
          case CONTINUOUS_CLOCK -> ContinuousProcessingTimeTrigger.of(every);
          case CUSTOM -> new Fives<>(spec.kind().byClock());
        };
    var typed = (Trigger<Item, W>) trigger;
    return spec.purging() ? PurgingTrigger.of(typed) : typed;
  }

  @SuppressWarnings("unchecked") // an evictor of any object is one of items
  private static <W extends Window> Evictor<Item, W> evictor(Spec spec) {
    Evictor<?, W> evictor =
        switch (spec.evicting()) {
          case COUNT -> CountEvictor.of(spec.keep(), spec.keepAfter());
          case TIME -> TimeEvictor.of(Duration.ofMillis(spec.keep()), spec.keepAfter());
          case DELTA ->
              DeltaEvictor.<Item, W>of(
                  spec.keep(),
                  (one, other) -> Math.abs(one.number() - other.number()),
                  spec.keepAfter());
          case CUSTOM -> new Thirds<>(spec.keepAfter());
          case NONE -> throw new IllegalArgumentException("nothing to evict");
        };
    return (Evictor<Item, W>) evictor;
  }

  /** Leaves every third number. */
  private record Thirds<W extends Window>(boolean after) implements Evictor<Item, W> {
    @Override
    public void evictBefore(
        Iterable<TimestampedValue<Item>> items, int size, W window, EvictorContext context) {
      if (!after) {
        evict(items.iterator());
      }
    }

    @Override
    public void evictAfter(
        Iterable<TimestampedValue<Item>> items, int size, W window, EvictorContext context) {
      if (after) {
        evict(items.iterator());
      }
    }

    private static void evict(Iterator<TimestampedValue<Item>> items) {
      while (items.hasNext()) {
        if (items.next().value().number() % 3 != 0) {
          items.remove();
        }
      }
    }
  }

  private static <W extends Window> SingleOutputStreamOperator<?> computed(
      Spec spec, WindowedStream<Item, String, W> windows) {
    var tell = new Tell<W>();
    return switch (spec.function()) {
      case REDUCE -> windows.reduce(Item::with);
      case AGGREGATE -> windows.aggregate(new Collect());
      case PROCESS -> windows.process(new TellAll<>(tell));
      case APPLY -> windows.apply(tell);
      case REDUCE_PROCESS -> windows.reduce(Item::with, new TellAll<>(tell));
      case AGGREGATE_PROCESS -> windows.aggregate(new Collect(), new TellLines<>(tell));
    };
  }

  private static <W extends Window> SingleOutputStreamOperator<?> computed(
      Spec spec, AllWindowedStream<Item, W> windows) {
    var tell = new Tell<W>();
    return switch (spec.function()) {
      case REDUCE -> windows.reduce(Item::with);
      case AGGREGATE -> windows.aggregate(new Collect());
      case PROCESS -> windows.process(new TellAllOfAll<>(tell));
      case APPLY -> windows.apply(tell);
      case REDUCE_PROCESS -> windows.reduce(Item::with, new TellAllOfAll<>(tell));
      case AGGREGATE_PROCESS -> windows.aggregate(new Collect(), new TellLinesOfAll<>(tell));
    };
  }

  /** Collects numbers, in an accumulator that shows whether anybody else changed it. */
  private static final class Collect
      implements AggregateFunction<Item, ArrayList<Integer>, String> {
    @Override
    public ArrayList<Integer> createAccumulator() {
      return new ArrayList<>();
    }

    @Override
    public ArrayList<Integer> add(Item item, ArrayList<Integer> numbers) {
      numbers.addAll(item.numbers());
      return numbers;
    }

    @Override
    public String getResult(ArrayList<Integer> numbers) {
      return "" + numbers.stream().sorted().toList();
    }

    @Override
    public ArrayList<Integer> merge(ArrayList<Integer> left, ArrayList<Integer> right) {
      left.addAll(right);
      return left;
    }
  }

  /** Tells a window and what is in it. */
  private record Tell<W extends Window>()
      implements WindowFunction<Item, String, String, W>,
          AllWindowFunction<Item, String, W>,
          Serializable {
    @Override
    public void apply(String key, W window, Iterable<Item> items, Collector<String> out) {
      apply(window, items, out);
    }

    @Override
    public void apply(W window, Iterable<Item> items, Collector<String> out) {
      var numbers = new ArrayList<Integer>();
      items.forEach(item -> numbers.addAll(item.numbers()));
      numbers.sort(null);
      out.collect(of(window) + numbers);
    }

    void lines(W window, Iterable<String> lines, Collector<String> out) {
      lines.forEach(line -> out.collect(of(window) + line));
    }

    private static String of(Window window) {
      return window instanceof TimeWindow times
          ? times.start() + ".." + times.maxTimestamp() + " "
          : "";
    }
  }

  private static final class TellAll<W extends Window>
      extends ProcessWindowFunction<Item, String, String, W> {
    private final Tell<W> tell;

    TellAll(Tell<W> tell) {
      this.tell = tell;
    }

    @Override
    public void process(String key, Context context, Iterable<Item> items, Collector<String> out) {
      tell.apply(context.window(), items, out);
    }
  }

  private static final class TellLines<W extends Window>
      extends ProcessWindowFunction<String, String, String, W> {
    private final Tell<W> tell;

    TellLines(Tell<W> tell) {
      this.tell = tell;
    }

    @Override
    public void process(
        String key, Context context, Iterable<String> lines, Collector<String> out) {
      tell.lines(context.window(), lines, out);
    }
  }

  private static final class TellAllOfAll<W extends Window>
      extends ProcessAllWindowFunction<Item, String, W> {
    private final Tell<W> tell;

    TellAllOfAll(Tell<W> tell) {
      this.tell = tell;
    }

    @Override
    public void process(Context context, Iterable<Item> items, Collector<String> out) {
      tell.apply(context.window(), items, out);
    }
  }

  private static final class TellLinesOfAll<W extends Window>
      extends ProcessAllWindowFunction<String, String, W> {
    private final Tell<W> tell;

    TellLinesOfAll(Tell<W> tell) {
      this.tell = tell;
    }

    @Override
    public void process(Context context, Iterable<String> lines, Collector<String> out) {
      tell.lines(context.window(), lines, out);
    }
  }

  /** Fires for every fifth number and when the window ends, and purges for every seventh. */
  private static final class Fives<W extends Window> extends Trigger<Item, W> {
    private final boolean byClock;

    Fives(boolean byClock) {
      this.byClock = byClock;
    }

    @Override
    public TriggerResult onElement(Item item, long timestamp, W window, TriggerContext ctx) {
      boolean over = !byClock && window.maxTimestamp() <= ctx.getCurrentWatermark();
      boolean fires = over || item.number() % 5 == 0;
      if (!fires && !(window instanceof GlobalWindow)) {
        await(window, ctx);
      }
      boolean purges = item.number() % 7 == 0;
      return fires
          ? purges ? TriggerResult.FIRE_AND_PURGE : TriggerResult.FIRE
          : purges ? TriggerResult.PURGE : TriggerResult.CONTINUE;
    }

    private void await(W window, TriggerContext ctx) {
      if (byClock) {
        ctx.registerProcessingTimeTimer(window.maxTimestamp());
      } else {
        ctx.registerEventTimeTimer(window.maxTimestamp());
      }
    }

    @Override
    public TriggerResult onProcessingTime(long time, W window, TriggerContext ctx) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, W window, TriggerContext ctx) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public void clear(W window, TriggerContext ctx) {
      ctx.deleteProcessingTimeTimer(window.maxTimestamp());
      ctx.deleteEventTimeTimer(window.maxTimestamp());
    }

    @Override
    public boolean canMerge() {
      return true;
    }

    @Override
    public void onMerge(W window, OnMergeContext ctx) {
      boolean over =
          window.maxTimestamp()
              <= (byClock ? ctx.getCurrentProcessingTime() : ctx.getCurrentWatermark());
      if (!over) {
        await(window, ctx);
      }
    }
  }

  private WindowPrograms() {}
}
