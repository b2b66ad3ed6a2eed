package io.millrace.simulator;

import io.millrace.api.DataStream;
import io.millrace.api.KeyedStream;
import io.millrace.api.WindowedStream;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.Collector;
import io.millrace.api.source.Sources;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.CountTrigger;
import io.millrace.api.window.DeltaTrigger;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.PurgingTrigger;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeEvictor;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TriggerResult;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.Window;
import java.time.Duration;
import java.util.ArrayList;

/**
 * Windows whose contents depend on the order in which records come: there is a single source, so
 * that is the same in each life. Barriers overtake, at once or after a while.
 */
class WindowsUnderFaultsTest {
  private static final class Contents<W extends Window>
      extends ProcessWindowFunction<Long, String, Long, W> {
    private final String name;

    Contents(String name) {
      this.name = name;
    }

    @Override
    public void process(Long key, Context context, Iterable<Long> all, Collector<String> out) {
      out.collect(name + " " + key + " " + context.window() + " " + list(all));
    }
  }

  private static final class AllContents<W extends Window>
      extends ProcessAllWindowFunction<Long, String, W> {
    @Override
    public void process(Context context, Iterable<Long> all, Collector<String> out) {
      out.collect("all " + context.window() + " " + list(all));
    }
  }

  private static ArrayList<Long> list(Iterable<Long> all) {
    var list = new ArrayList<Long>();
    all.forEach(list::add);
    return list;
  }

  /** Has state of its own: fires at each third record, and what is left at the end. */
  private static final class EachThird extends Trigger<Long, TimeWindow> {
    private static final ReducingStateDescriptor<Long> COUNT =
        new ReducingStateDescriptor<>("count", Long::sum, Long.class);

    @Override
    public TriggerResult onElement(
        Long value, long timestamp, TimeWindow window, TriggerContext context) throws Exception {
      context.registerEventTimeTimer(window.maxTimestamp());
      ReducingState<Long> count = context.getPartitionedState(COUNT);
      count.add(1L);
      if (count.get() < 3) {
        return TriggerResult.CONTINUE;
      }
      count.clear();
      return TriggerResult.FIRE_AND_PURGE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow window, TriggerContext context) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow window, TriggerContext context) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE : TriggerResult.CONTINUE;
    }

    @Override
    public void clear(TimeWindow window, TriggerContext context) throws Exception {
      context.getPartitionedState(COUNT).clear();
      context.deleteEventTimeTimer(window.maxTimestamp());
    }
  }

  /** Out of order by less than 25, with gaps. */
  private static long time(long number) {
    return number * 3 + RandomJob.mix(number) % 25 + number / 60 * 200;
  }

  @SimTest(seeds = 6)
  void ofCountsTriggersAndEvictors(SimulatedJob job) {
    live(job, Duration.ofMillis(40));
  }

  @SimTest(firstSeed = 7, seeds = 4)
  void andWhereBarriersOvertakeAtOnce(SimulatedJob job) {
    live(job, Duration.ZERO);
  }

  private static void live(SimulatedJob job, Duration wait) {
    var env = job.env();
    env.setParallelism(2);
    env.set("exchange.batch.records", "3");
    env.set("exchange.channel.batches", "1");
    env.set("execution.checkpointing.unaligned.enabled", "true");
    env.set("execution.checkpointing.aligned-checkpoint-timeout", wait.toMillis() + " ms");
    WatermarkStrategy<Long> byNumber =
        WatermarkStrategy.<Long>forBoundedOutOfOrderness(Duration.ofMillis(25))
            .withTimestampAssigner((number, old) -> time(number));
    DataStream<Long> numbers =
        env.fromSource(Sources.generator(n -> n, 200, 40), byNumber, "numbers")
            .returns(Long.class)
            .setParallelism(1);
    KeyedStream<Long, Long> keyed = numbers.keyBy(number -> number % 5);
    Duration hundred = Duration.ofMillis(100);
    var tumbling = TumblingEventTimeWindows.of(hundred);
    DataStream<String> lines =
        named("count", keyed.countWindow(4))
            .union(
                named("sliding count", keyed.countWindow(6, 2)),
                named("third", keyed.window(tumbling).trigger(new EachThird())),
                named(
                    "purge", keyed.window(tumbling).trigger(PurgingTrigger.of(CountTrigger.of(2)))),
                named(
                    "last three",
                    keyed
                        .window(SlidingEventTimeWindows.of(hundred, Duration.ofMillis(50)))
                        .evictor(CountEvictor.of(3))),
                named(
                    "last times",
                    keyed
                        .window(GlobalWindows.create())
                        .trigger(CountTrigger.of(3))
                        .evictor(TimeEvictor.of(Duration.ofMillis(60)))),
                named(
                    "delta",
                    keyed
                        .window(GlobalWindows.create())
                        .trigger(
                            DeltaTrigger.of(
                                17.0,
                                (before, now) -> now - before,
                                TypeInformation.of(Long.class)))),
                named(
                    "session",
                    keyed.window(
                        EventTimeSessionWindows.<Long>withDynamicGap(number -> 20 + number % 30))),
                numbers.windowAll(tumbling).process(new AllContents<>()),
                numbers.countWindowAll(9).process(new AllContents<>()));
    lines.sinkTo(job.sink());
  }

  private static <W extends Window> DataStream<String> named(
      String name, WindowedStream<Long, Long, W> windows) {
    return windows.process(new Contents<>(name));
  }
}
