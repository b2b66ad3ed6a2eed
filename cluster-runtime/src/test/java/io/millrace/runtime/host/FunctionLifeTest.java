package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AbstractRichFunction;
import io.millrace.api.function.BroadcastProcessFunction;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.CoProcessFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedCoProcessFunction;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RichAsyncFunction;
import io.millrace.api.function.RichCoFlatMapFunction;
import io.millrace.api.function.RichCoGroupFunction;
import io.millrace.api.function.RichCoMapFunction;
import io.millrace.api.function.RichFilterFunction;
import io.millrace.api.function.RichFlatJoinFunction;
import io.millrace.api.function.RichFlatMapFunction;
import io.millrace.api.function.RichJoinFunction;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.function.RichReduceFunction;
import io.millrace.api.function.RuntimeContext;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.RichWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every kind of function is opened before its first record and closed after its last. */
@Timeout(120)
class FunctionLifeTest {
  private static final ConcurrentSkipListMap<String, String> LIVES = new ConcurrentSkipListMap<>();

  private static final ConcurrentSkipListMap<String, String> TOLD = new ConcurrentSkipListMap<>();

  private static void opened(RuntimeContext context) {
    LIVES.merge(context.getTaskNameWithSubtasks(), "opened", (a, b) -> a + " " + b);
    context.getMetricGroup().counter("opened").inc();
    context.getLongCounter(context.getTaskName());
  }

  private static void used(AbstractRichFunction function) {
    RuntimeContext context = function.getRuntimeContext();
    if (!LIVES.get(context.getTaskNameWithSubtasks()).equals("opened")) {
      throw new AssertionError("not open: " + context.getTaskNameWithSubtasks());
    }
    context.getLongCounter(context.getTaskName()).add(1);
  }

  private static void closed(RuntimeContext context) {
    LIVES.merge(context.getTaskNameWithSubtasks(), "closed", (a, b) -> a + " " + b);
  }

  /** What it hears of checkpoints, in order. */
  private interface Told extends CheckpointedFunction, CheckpointListener {
    RuntimeContext getRuntimeContext();

    private void note(String word) {
      TOLD.merge(getRuntimeContext().getTaskNameWithSubtasks(), word, (a, b) -> a + ", " + b);
    }

    @Override
    default void initializeState(FunctionInitializationContext context) {}

    @Override
    default void snapshotState(FunctionSnapshotContext context) {
      note("cut " + context.getCheckpointId());
    }

    @Override
    default void notifyCheckpointComplete(long checkpointId) {
      note("complete " + checkpointId);
    }
  }

  private static final class AMap extends RichMapFunction<Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public Long map(Long n) {
      used(this);
      return n;
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AFilter extends RichFilterFunction<Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public boolean filter(Long n) {
      used(this);
      return true;
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AFlatMap extends RichFlatMapFunction<Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void flatMap(Long n, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AProcess extends ProcessFunction<Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AReduce extends RichReduceFunction<Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public Long reduce(Long a, Long b) {
      used(this);
      return b;
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AKeyedProcess extends KeyedProcessFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class ACoMap extends RichCoMapFunction<Long, Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public Long map1(Long n) {
      used(this);
      return n;
    }

    @Override
    public Long map2(Long n) {
      used(this);
      return n;
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class ACoFlatMap extends RichCoFlatMapFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void flatMap1(Long n, Collector<Long> out) {
      used(this);
    }

    @Override
    public void flatMap2(Long n, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class ACoProcess extends CoProcessFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement1(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void processElement2(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AKeyedCoProcess extends KeyedCoProcessFunction<Long, Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement1(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void processElement2(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class ABroadcast extends BroadcastProcessFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement(Long n, ReadOnlyContext context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void processBroadcastElement(Long n, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AWindow extends RichWindowFunction<Long, Long, Long, TimeWindow>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void apply(Long key, TimeWindow window, Iterable<Long> all, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AProcessWindow
      extends ProcessWindowFunction<Long, Long, Long, TimeWindow> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void process(Long key, Context context, Iterable<Long> all, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AProcessAll extends ProcessAllWindowFunction<Long, Long, TimeWindow>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void process(Context context, Iterable<Long> all, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AJoin extends RichJoinFunction<Long, Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public Long join(Long a, Long b) {
      used(this);
      return a;
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AFlatJoin extends RichFlatJoinFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void join(Long a, Long b, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class ACoGroup extends RichCoGroupFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void coGroup(Iterable<Long> a, Iterable<Long> b, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AIntervalJoin extends ProcessJoinFunction<Long, Long, Long>
      implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void processElement(Long a, Long b, Context context, Collector<Long> out) {
      used(this);
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  private static final class AnAsync extends RichAsyncFunction<Long, Long> implements Told {
    @Override
    public void open(OpenContext context) {
      opened(getRuntimeContext());
    }

    @Override
    public void asyncInvoke(Long n, ResultFuture<Long> future) {
      used(this);
      future.complete(List.of(n));
    }

    @Override
    public void close() {
      closed(getRuntimeContext());
    }
  }

  @Test
  void allKindsOfFunctionsAreOpenedOnceAndClosedOnce() throws Exception {
    LIVES.clear();
    TOLD.clear();
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    DataStream<Long> numbers =
        env.fromSequence(0, 99)
            .assignTimestampsAndWatermarks(
                WatermarkStrategy.<Long>forMonotonousTimestamps()
                    .withTimestampAssigner((n, old) -> n));
    var keyed = numbers.keyBy(n -> n % 4);
    var seconds = TumblingEventTimeWindows.of(Duration.ofSeconds(1));
    var states = new MapStateDescriptor<>("rules", String.class, Long.class);
    var broadcast = numbers.broadcast(states);
    List<DataStream<Long>> all =
        List.of(
            numbers.map(new AMap()).name("map"),
            numbers.filter(new AFilter()).name("filter"),
            numbers.flatMap(new AFlatMap()).name("flatMap"),
            numbers.process(new AProcess()).name("process"),
            keyed.reduce(new AReduce()).name("reduce"),
            keyed.process(new AKeyedProcess()).name("keyedProcess"),
            numbers.connect(numbers).map(new ACoMap()).name("coMap"),
            numbers.connect(numbers).flatMap(new ACoFlatMap()).name("coFlatMap"),
            numbers.connect(numbers).process(new ACoProcess()).name("coProcess"),
            keyed.connect(keyed).process(new AKeyedCoProcess()).name("keyedCoProcess"),
            numbers.connect(broadcast).process(new ABroadcast()).name("broadcast"),
            keyed.window(seconds).apply(new AWindow()).name("window"),
            keyed.window(seconds).process(new AProcessWindow()).name("processWindow"),
            numbers.windowAll(seconds).process(new AProcessAll()).name("processAll"),
            numbers
                .join(numbers)
                .where(n -> n)
                .equalTo(n -> n)
                .window(seconds)
                .apply(new AJoin())
                .name("join"),
            numbers
                .join(numbers)
                .where(n -> n)
                .equalTo(n -> n)
                .window(seconds)
                .apply(new AFlatJoin())
                .name("flatJoin"),
            numbers
                .coGroup(numbers)
                .where(n -> n)
                .equalTo(n -> n)
                .window(seconds)
                .apply(new ACoGroup())
                .name("coGroup"),
            keyed
                .intervalJoin(keyed)
                .between(Duration.ZERO, Duration.ZERO)
                .process(new AIntervalJoin())
                .name("intervalJoin"),
            AsyncDataStream.orderedWait(numbers, new AnAsync(), 10, TimeUnit.SECONDS).name("async"),
            numbers.map(new AMap()).blocking().name("blocking"));
    all.forEach(stream -> stream.sinkTo(new DiscardingSink<>()));

    var result = env.execute();

    assertThat(result.accumulators()).hasSize(all.size());
    assertThat(result.accumulators())
        .allSatisfy((name, used) -> assertThat((Long) used).isPositive());
    assertThat(LIVES).hasSize(2 * all.size() - 1); // one of them has one subtask
    assertThat(LIVES).allSatisfy((name, life) -> assertThat(life).isEqualTo("opened closed"));
    assertThat(LIVES).containsKeys("map (1/2)", "map (2/2)", "processAll (1/1)");
    assertThat(TOLD.keySet()).isEqualTo(LIVES.keySet());
    assertThat(TOLD)
        .allSatisfy((name, told) -> assertThat(told).matches("(.*, )?cut (\\d+), complete \\2"));
  }
}
