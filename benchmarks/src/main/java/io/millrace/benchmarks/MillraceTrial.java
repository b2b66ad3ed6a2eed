package io.millrace.benchmarks;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.benchmarks.workloads.Engine;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import io.millrace.benchmarks.workloads.events.Result;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.runtime.host.LocalCluster;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * The workloads as programs of ours, in one TaskManager with a slot for each subtask and
 * checkpoints on the local disk.
 */
final class MillraceTrial implements Engine {
  private static final Duration WINDOW = Duration.ofMillis(Workload.WINDOW_MILLIS);
  private static final Duration SLIDE = Duration.ofMillis(Workload.SLIDE_MILLIS);
  private static final Duration GAP = Duration.ofMillis(Workload.GAP_MILLIS);
  private static final Duration EQUAL_TIMES = Duration.ofMillis(Workload.EQUAL_TIMES_MILLIS);

  private final LocalCluster cluster;
  private final boolean objectReuse;

  public static void main(String[] words) throws Exception {
    Trial.main(words, MillraceTrial::new);
  }

  /**
   * @param variant {@code millrace}, or {@code millrace-reuse}, which hands mutable records on
   *     without a copy
   */
  MillraceTrial(String variant) throws Exception {
    this.objectReuse = variant.equals("millrace-reuse");
    var folder = Files.createTempDirectory("millrace-benchmark").toUri().toString();
    this.cluster =
        LocalCluster.start(
            new Configuration(
                Map.of(
                    "taskmanager.numberOfTaskSlots",
                    Integer.toString(Workload.PARALLELISM),
                    "taskmanager.memory.managed.size",
                    "512 mb")),
            new HdfsCheckpointStore(new Path(folder), new org.apache.hadoop.conf.Configuration()),
            new OwnClasses());
  }

  @Override
  public void close() {
    cluster.close();
  }

  @Override
  public void run(Workload workload, long events) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(Workload.PARALLELISM);
    env.set("pipeline.object-reuse", Boolean.toString(objectReuse));
    env.set("state.backend.type", workload == Workload.KEYED_ROCKSDB ? "rocksdb" : "hashmap");
    if (workload.checkpointed()) {
      env.enableCheckpointing(Workload.CHECKPOINT_MILLIS);
    } else {
      env.disableCheckpointing();
    }
    DataStream<Event> source =
        env.fromGenerator(EventGenerator::event, events, Double.POSITIVE_INFINITY)
            .returns(Event.class);
    switch (workload) {
      case PASSTHROUGH ->
          source
              .map(Event::inEuro)
              .returns(Event.class)
              .filter(Event::isOfInterest)
              .sinkTo(new EventTally());
      case SHUFFLE ->
          source.keyBy(Event::key).map(Event::inEuro).returns(Event.class).sinkTo(new EventTally());
      case TUMBLING ->
          stamped(source)
              .filter(Event::isBid)
              .keyBy(event -> event.bid.auction)
              .window(TumblingEventTimeWindows.of(WINDOW))
              .aggregate(new Count(), new InWindow())
              .sinkTo(new ResultTally());
      case SLIDING ->
          stamped(source)
              .filter(Event::isBid)
              .keyBy(event -> event.bid.auction)
              .window(SlidingEventTimeWindows.of(WINDOW, SLIDE))
              .aggregate(new Count(), new InWindow())
              .keyBy(count -> count.to)
              .window(TumblingEventTimeWindows.of(SLIDE))
              .reduce(Result::highest)
              .sinkTo(new ResultTally());
      case JOIN -> {
        DataStream<Event> stamped = stamped(source);
        stamped
            .filter(Event::isPerson)
            .join(stamped.filter(Event::isAuction))
            .where(event -> event.person.id)
            .equalTo(event -> event.auction.seller)
            .window(TumblingEventTimeWindows.of(WINDOW))
            .apply(MillraceTrial::opened)
            .returns(Result.class)
            .sinkTo(new ResultTally());
      }
      case SESSION ->
          stamped(source, WatermarkStrategy.forBoundedOutOfOrderness(EQUAL_TIMES))
              .filter(Event::isBid)
              .keyBy(event -> event.bid.bidder)
              .window(EventTimeSessionWindows.withGap(GAP))
              .aggregate(new Count(), new InWindow())
              .sinkTo(new ResultTally());
      case KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB ->
          source
              .filter(Event::isBid)
              .keyBy(event -> event.bid.bidder)
              .process(new RunningCount())
              .sinkTo(new ResultTally());
    }
    cluster.submit(env.getJobGraph()).await();
  }

  private static DataStream<Event> stamped(DataStream<Event> events) {
    return stamped(events, WatermarkStrategy.forMonotonousTimestamps());
  }

  private static DataStream<Event> stamped(
      DataStream<Event> events, WatermarkStrategy<Event> strategy) {
    return events.assignTimestampsAndWatermarks(
        strategy.withTimestampAssigner((event, before) -> event.time));
  }

  private static Result opened(Event person, Event auction) {
    return new Result(
        person.person.id,
        auction.auction.id,
        0,
        auction.auction.reserve + person.person.name.length());
  }

  private static final class Count implements AggregateFunction<Event, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Event event, Long accumulator) {
      return accumulator + 1;
    }

    @Override
    public Long getResult(Long accumulator) {
      return accumulator;
    }

    @Override
    public Long merge(Long one, Long other) {
      return one + other;
    }
  }

  private static final class InWindow
      extends ProcessWindowFunction<Long, Result, Long, TimeWindow> {
    @Override
    public void process(Long key, Context context, Iterable<Long> counts, Collector<Result> out) {
      TimeWindow window = context.window();
      out.collect(new Result(key, window.getStart(), window.getEnd(), counts.iterator().next()));
    }
  }

  private static final class RunningCount extends KeyedProcessFunction<Long, Event, Result> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Event event, Context context, Collector<Result> out)
        throws Exception {
      Long before = count.value();
      long now = before == null ? 1 : before + 1;
      count.update(now);
      out.collect(new Result(event.bid.bidder, 0, 0, now));
    }
  }

  private static final class EventTally implements Sink<Event> {
    @Override
    public SinkWriter<Event> writer(WriterContext context) {
      Tally tally = Tally.open();
      return (event, time) -> tally.add(event.hash());
    }
  }

  private static final class ResultTally implements Sink<Result> {
    @Override
    public SinkWriter<Result> writer(WriterContext context) {
      Tally tally = Tally.open();
      return (result, time) -> tally.add(result.hash());
    }
  }
}
