package io.millrace.benchmarks.flink;

import io.millrace.benchmarks.workloads.Engine;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;
import io.millrace.benchmarks.workloads.events.Tally;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * The workloads as programs of Flink, in one TaskManager with a slot for each subtask and
 * checkpoints on the local disk.
 */
final class FlinkTrial implements Engine {
  private static final Duration WINDOW = Duration.ofMillis(Workload.WINDOW_MILLIS);
  private static final Duration SLIDE = Duration.ofMillis(Workload.SLIDE_MILLIS);
  private static final Duration GAP = Duration.ofMillis(Workload.GAP_MILLIS);
  private static final Duration EQUAL_TIMES = Duration.ofMillis(Workload.EQUAL_TIMES_MILLIS);

  private final boolean best;
  private final TypeInformation<Event> eventType;
  private final MiniCluster cluster;
  private final String checkpoints;

  public static void main(String[] words) throws Exception {
    Trial.main(words, FlinkTrial::new);
  }

  /**
   * @param variant {@code flink-default}; or {@code flink-best} with object reuse, a serializer
   *     written by hand, nothing in the exchange that a program does not need behind it, large
   *     buffers, and filters in RocksDB
   */
  FlinkTrial(String variant) throws Exception {
    best = variant.equals("flink-best");
    eventType = best ? new EventType() : TypeInformation.of(Event.class);
    checkpoints = Files.createTempDirectory("flink-benchmark").toUri().toString();
    var settings = new Configuration();
    settings.setString("taskmanager.memory.managed.size", "512m");
    if (best) {
      settings.setString("taskmanager.memory.segment-size", "128kb");
      settings.setString("taskmanager.memory.network.min", "256m");
      settings.setString("taskmanager.memory.network.max", "256m");
    }
    cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(Workload.PARALLELISM)
                .withRandomPorts()
                .build());
    cluster.start();
  }

  @Override
  public void close() {
    try {
      cluster.closeAsync().get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("cannot stop Flink", e);
    }
  }

  @Override
  public void run(Workload workload, long events) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment(settings(workload));
    env.setParallelism(Workload.PARALLELISM);
    DataStream<Event> source =
        env.fromSource(new EventSource(events), watermarks(workload), "events", eventType);
    switch (workload) {
      case PASSTHROUGH ->
          source
              .map(Event::inEuro)
              .returns(eventType)
              .filter(Event::isOfInterest)
              .sinkTo(new EventTally());
      case SHUFFLE ->
          source
              .keyBy(Event::key, Types.LONG)
              .map(Event::inEuro)
              .returns(eventType)
              .sinkTo(new EventTally());
      case TUMBLING ->
          counted(source, false, TumblingEventTimeWindows.of(WINDOW)).sinkTo(new ResultTally());
      case SLIDING ->
          counted(source, false, SlidingEventTimeWindows.of(WINDOW, SLIDE))
              .keyBy(count -> count.to, Types.LONG)
              .window(TumblingEventTimeWindows.of(SLIDE))
              .reduce(Result::highest)
              .sinkTo(new ResultTally());
      case JOIN ->
          source
              .filter(Event::isPerson)
              .join(source.filter(Event::isAuction))
              .where(event -> event.person.id, Types.LONG)
              .equalTo(event -> event.auction.seller, Types.LONG)
              .window(TumblingEventTimeWindows.of(WINDOW))
              .apply(FlinkTrial::opened, TypeInformation.of(Result.class))
              .sinkTo(new ResultTally());
      case SESSION ->
          counted(source, true, EventTimeSessionWindows.withGap(GAP)).sinkTo(new ResultTally());
      case KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB -> {
        DataStream<Event> bids = source.filter(Event::isBid);
        if (best) {
          keyOnly(bids, true).process(new RunningCount<Long>()).sinkTo(new ResultTally());
        } else {
          bids.keyBy(event -> event.bid.bidder, Types.LONG)
              .process(new RunningCount<Event>())
              .sinkTo(new ResultTally());
        }
      }
    }
    cluster.executeJobBlocking(env.getStreamGraph().getJobGraph());
  }

  private Configuration settings(Workload workload) throws IOException {
    var settings = new Configuration();
    settings.setString("pipeline.object-reuse", Boolean.toString(best));
    settings.setString(
        "state.backend.type", workload == Workload.KEYED_ROCKSDB ? "rocksdb" : "hashmap");
    if (workload == Workload.KEYED_ROCKSDB) {
      settings.setString("execution.checkpointing.incremental", "true");
      if (best) {
        settings.setString("state.backend.rocksdb.use-bloom-filter", "true");
      }
    }
    if (workload.checkpointed()) {
      settings.setString("execution.checkpointing.storage", "filesystem");
      settings.setString("execution.checkpointing.dir", checkpoints);
      settings.setString("execution.checkpointing.interval", Workload.CHECKPOINT_MILLIS + " ms");
      settings.setString("execution.checkpointing.mode", "EXACTLY_ONCE");
    }
    return settings;
  }

  private static WatermarkStrategy<Event> watermarks(Workload workload) {
    return switch (workload) {
      case TUMBLING, SLIDING, JOIN -> WatermarkStrategy.forMonotonousTimestamps();
      case SESSION -> WatermarkStrategy.forBoundedOutOfOrderness(EQUAL_TIMES);
      case PASSTHROUGH, SHUFFLE, KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB ->
          WatermarkStrategy.noWatermarks();
    };
  }

  /** Bids in the windows of each auction or bidder. */
  private DataStream<Result> counted(
      DataStream<Event> source, boolean byBidder, WindowAssigner<Object, TimeWindow> windows) {
    DataStream<Event> bids = source.filter(Event::isBid);
    if (best) {
      return keyOnly(bids, byBidder).window(windows).aggregate(new Count<Long>(), new InWindow());
    }
    return bids.keyBy(event -> byBidder ? event.bid.bidder : event.bid.auction, Types.LONG)
        .window(windows)
        .aggregate(new Count<Event>(), new InWindow());
  }

  /** Of a bid that is only counted nothing but its key has to travel. */
  private static KeyedStream<Long, Long> keyOnly(DataStream<Event> bids, boolean byBidder) {
    return bids.map(event -> byBidder ? event.bid.bidder : event.bid.auction)
        .returns(Types.LONG)
        .keyBy(key -> key, Types.LONG);
  }

  private static Result opened(Event person, Event auction) {
    return new Result(
        person.person.id,
        auction.auction.id,
        0,
        auction.auction.reserve + person.person.name.length());
  }

  private static final class Count<T> implements AggregateFunction<T, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(T event, Long accumulator) {
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

  private static final class RunningCount<T> extends KeyedProcessFunction<Long, T, Result> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(T event, Context context, Collector<Result> out) throws IOException {
      Long before = count.value();
      long now = before == null ? 1 : before + 1;
      count.update(now);
      out.collect(new Result(context.getCurrentKey(), 0, 0, now));
    }
  }

  private static final class EventTally implements Sink<Event> {
    @Override
    public SinkWriter<Event> createWriter(WriterInitContext context) {
      return new Writer<>(Event::hash);
    }
  }

  private static final class ResultTally implements Sink<Result> {
    @Override
    public SinkWriter<Result> createWriter(WriterInitContext context) {
      return new Writer<>(Result::hash);
    }
  }

  private interface Hash<T> {
    long of(T value);
  }

  private static final class Writer<T> implements SinkWriter<T> {
    private final Tally tally = Tally.open();
    private final Hash<T> hash;

    Writer(Hash<T> hash) {
      this.hash = hash;
    }

    @Override
    public void write(T value, Context context) {
      tally.add(hash.of(value));
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }
}
