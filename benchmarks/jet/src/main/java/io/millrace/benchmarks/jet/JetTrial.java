package io.millrace.benchmarks.jet;

import static com.hazelcast.jet.aggregate.AggregateOperations.aggregateOperation2;
import static com.hazelcast.jet.aggregate.AggregateOperations.counting;
import static com.hazelcast.jet.aggregate.AggregateOperations.reducing;
import static com.hazelcast.jet.aggregate.AggregateOperations.toList;
import static com.hazelcast.jet.core.Edge.between;
import static com.hazelcast.jet.core.Edge.from;
import static com.hazelcast.jet.core.Partitioner.HASH_CODE;
import static com.hazelcast.jet.core.SlidingWindowPolicy.slidingWinPolicy;
import static com.hazelcast.jet.core.SlidingWindowPolicy.tumblingWinPolicy;
import static com.hazelcast.jet.core.TimestampKind.EVENT;
import static com.hazelcast.jet.core.processor.Processors.aggregateToSessionWindowP;
import static com.hazelcast.jet.core.processor.Processors.aggregateToSlidingWindowP;
import static com.hazelcast.jet.core.processor.Processors.filterP;
import static com.hazelcast.jet.core.processor.Processors.flatMapP;
import static com.hazelcast.jet.core.processor.Processors.mapP;
import static com.hazelcast.jet.core.processor.Processors.mapStatefulP;

import com.hazelcast.config.Config;
import com.hazelcast.config.SerializerConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.function.FunctionEx;
import com.hazelcast.function.SupplierEx;
import com.hazelcast.function.ToLongFunctionEx;
import com.hazelcast.jet.Traverser;
import com.hazelcast.jet.Traversers;
import com.hazelcast.jet.accumulator.LongAccumulator;
import com.hazelcast.jet.aggregate.AggregateOperation1;
import com.hazelcast.jet.config.JobConfig;
import com.hazelcast.jet.config.ProcessingGuarantee;
import com.hazelcast.jet.core.DAG;
import com.hazelcast.jet.core.Processor;
import com.hazelcast.jet.core.SlidingWindowPolicy;
import com.hazelcast.jet.core.Vertex;
import com.hazelcast.jet.datamodel.Tuple2;
import io.millrace.benchmarks.workloads.Engine;
import io.millrace.benchmarks.workloads.Trial;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;
import java.util.List;

/**
 * The workloads as graphs of Jet's Core API, in one member with a cooperative thread for each
 * subtask. Neighbours are joined one to one, keys dealt out by their hash code, steps without state
 * put together in one vertex. Snapshots go where Jet keeps them, into the member's memory.
 */
final class JetTrial implements Engine {
  private static final long FOR_EVER = 0;

  private final HazelcastInstance member;

  public static void main(String[] words) throws Exception {
    Trial.main(words, variant -> new JetTrial());
  }

  JetTrial() {
    var config = new Config();
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.shutdownhook.enabled", "false");
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
    config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
    config.getJetConfig().setEnabled(true).setCooperativeThreadCount(Workload.PARALLELISM);
    config
        .getSerializationConfig()
        .addSerializerConfig(
            new SerializerConfig().setTypeClass(Event.class).setClass(EventSerializer.class))
        .addSerializerConfig(
            new SerializerConfig().setTypeClass(Result.class).setClass(ResultSerializer.class));
    member = Hazelcast.newHazelcastInstance(config);
  }

  @Override
  public void close() {
    member.shutdown();
  }

  @Override
  public void run(Workload workload, long events) {
    var job = new JobConfig();
    if (workload.checkpointed()) {
      job.setProcessingGuarantee(ProcessingGuarantee.EXACTLY_ONCE);
      job.setSnapshotIntervalMillis(Workload.CHECKPOINT_MILLIS);
    }
    var graph = new Graph(events, workload);
    switch (workload) {
      case PASSTHROUGH ->
          graph.then("convert", mapP(JetTrial::convertedIfOfInterest)).end(Event::hash);
      case SHUFFLE -> graph.byKey("convert", Event::key, mapP(Event::inEuro)).end(Event::hash);
      case TUMBLING ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", JetTrial::auction, counts(tumblingWinPolicy(Workload.WINDOW_MILLIS)))
              .end(Result::hash);
      case SLIDING ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey(
                  "count",
                  JetTrial::auction,
                  counts(slidingWinPolicy(Workload.WINDOW_MILLIS, Workload.SLIDE_MILLIS)))
              .byKey("highest", JetTrial::to, highest())
              .end(Result::hash);
      case JOIN -> graph.join().end(Result::hash);
      case SESSION ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", JetTrial::bidder, sessions())
              .end(Result::hash);
      case KEYED, KEYED_CHECKPOINTS ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", JetTrial::bidder, runningCount())
              .end(Result::hash);
      case KEYED_ROCKSDB -> throw new IllegalArgumentException("Jet keeps state in memory alone");
    }
    member.getJet().newJob(graph.dag, job).join();
  }

  /** A chain of vertices that grows at its end. */
  private static final class Graph {
    private final DAG dag = new DAG();
    private Vertex last;

    Graph(long events, Workload workload) {
      boolean timed =
          switch (workload) {
            case TUMBLING, SLIDING, JOIN, SESSION -> true;
            case PASSTHROUGH, SHUFFLE, KEYED, KEYED_CHECKPOINTS, KEYED_ROCKSDB -> false;
          };
      last = vertex("events", () -> new EventSource(events, timed));
    }

    private Vertex vertex(String name, SupplierEx<Processor> processors) {
      return dag.newVertex(name, processors).localParallelism(Workload.PARALLELISM);
    }

    Graph then(String name, SupplierEx<Processor> processors) {
      Vertex next = vertex(name, processors);
      dag.edge(between(last, next).isolated());
      last = next;
      return this;
    }

    <T> Graph byKey(String name, FunctionEx<T, Long> key, SupplierEx<Processor> processors) {
      Vertex next = vertex(name, processors);
      dag.edge(between(last, next).partitioned(key, HASH_CODE));
      last = next;
      return this;
    }

    Graph join() {
      Vertex persons = vertex("persons", filterP(Event::isPerson));
      Vertex auctions = vertex("auctions", filterP(Event::isAuction));
      Vertex pairs = vertex("pairs", groups());
      FunctionEx<Event, Long> person = JetTrial::person;
      FunctionEx<Event, Long> seller = JetTrial::seller;
      dag.edge(from(last, 0).to(persons, 0).isolated());
      dag.edge(from(last, 1).to(auctions, 0).isolated());
      dag.edge(from(persons).to(pairs, 0).partitioned(person, HASH_CODE));
      dag.edge(from(auctions).to(pairs, 1).partitioned(seller, HASH_CODE));
      last = pairs;
      return then("open", flatMapP(JetTrial::opened));
    }

    <T> void end(ToLongFunctionEx<T> hash) {
      then("tally", () -> new TallySink<>(hash));
    }
  }

  private static SupplierEx<Processor> counts(SlidingWindowPolicy windows) {
    FunctionEx<Event, Long> key = JetTrial::auction;
    ToLongFunctionEx<Event> time = event -> event.time;
    return aggregateToSlidingWindowP(
        List.of(key),
        List.of(time),
        EVENT,
        windows,
        0,
        counting(),
        (from, to, auction, count, early) -> new Result(auction, from, to, count));
  }

  private static SupplierEx<Processor> highest() {
    FunctionEx<Result, Long> key = JetTrial::to;
    ToLongFunctionEx<Result> time = result -> result.to - 1;
    return aggregateToSlidingWindowP(
        List.of(key),
        List.of(time),
        EVENT,
        tumblingWinPolicy(Workload.SLIDE_MILLIS),
        0,
        reducing(new Result(0, 0, 0, -1), (Result result) -> result, JetTrial::highest, null),
        (from, to, end, result, early) -> result);
  }

  private static SupplierEx<Processor> sessions() {
    FunctionEx<Event, Long> key = JetTrial::bidder;
    ToLongFunctionEx<Event> time = event -> event.time;
    // Here a pause of just the gap ends a session, elsewhere one that is longer does.
    return aggregateToSessionWindowP(
        Workload.GAP_MILLIS + 1,
        0,
        List.of(time),
        List.of(key),
        counting(),
        (from, to, bidder, count, early) -> new Result(bidder, from, to - 1, count));
  }

  private static SupplierEx<Processor> runningCount() {
    FunctionEx<Event, Long> key = JetTrial::bidder;
    SupplierEx<LongAccumulator> zero = LongAccumulator::new;
    return mapStatefulP(
        FOR_EVER,
        key,
        event -> 0,
        zero,
        (LongAccumulator count, Long bidder, Event event) ->
            new Result(bidder, 0, 0, count.add(1).get()),
        null,
        null);
  }

  private static SupplierEx<Processor> groups() {
    FunctionEx<Event, Long> person = JetTrial::person;
    FunctionEx<Event, Long> seller = JetTrial::seller;
    ToLongFunctionEx<Event> time = event -> event.time;
    return aggregateToSlidingWindowP(
        List.of(person, seller),
        List.of(time, time),
        EVENT,
        tumblingWinPolicy(Workload.WINDOW_MILLIS),
        0,
        aggregateOperation2(JetTrial.<Event>list(), JetTrial.<Event>list(), Tuple2::tuple2),
        (from, to, key, groups, early) -> groups);
  }

  private static <T> AggregateOperation1<T, List<T>, List<T>> list() {
    return toList();
  }

  private static Traverser<Result> opened(Tuple2<List<Event>, List<Event>> groups) {
    return Traversers.traverseIterable(groups.f0())
        .flatMap(
            person ->
                Traversers.traverseIterable(groups.f1())
                    .map(
                        auction ->
                            new Result(
                                person.person.id,
                                auction.auction.id,
                                0,
                                auction.auction.reserve + person.person.name.length())));
  }

  private static Event convertedIfOfInterest(Event event) {
    Event converted = event.inEuro();
    return converted.isOfInterest() ? converted : null;
  }

  private static Result highest(Result one, Result other) {
    return one.highest(other);
  }

  private static Long auction(Event event) {
    return event.bid.auction;
  }

  private static Long bidder(Event event) {
    return event.bid.bidder;
  }

  private static Long person(Event event) {
    return event.person.id;
  }

  private static Long seller(Event event) {
    return event.auction.seller;
  }

  private static Long to(Result result) {
    return result.to;
  }
}
