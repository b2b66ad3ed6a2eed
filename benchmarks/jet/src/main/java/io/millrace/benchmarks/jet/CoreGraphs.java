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

import com.hazelcast.function.FunctionEx;
import com.hazelcast.function.SupplierEx;
import com.hazelcast.function.ToLongFunctionEx;
import com.hazelcast.jet.accumulator.LongAccumulator;
import com.hazelcast.jet.aggregate.AggregateOperation1;
import com.hazelcast.jet.core.DAG;
import com.hazelcast.jet.core.Processor;
import com.hazelcast.jet.core.SlidingWindowPolicy;
import com.hazelcast.jet.core.Vertex;
import com.hazelcast.jet.datamodel.Tuple2;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;
import java.util.List;

/**
 * The workloads as graphs of Jet's Core API. Neighbours are joined one to one, keys dealt out by
 * their hash code, steps without state put together in one vertex.
 */
final class CoreGraphs {
  private static final long FOR_EVER = 0;

  static DAG of(Workload workload, long events) {
    var graph = new Graph(events, workload);
    switch (workload) {
      case PASSTHROUGH ->
          graph.then("convert", mapP(Steps::convertedIfOfInterest)).end(Event::hash);
      case SHUFFLE -> graph.byKey("convert", Event::key, mapP(Event::inEuro)).end(Event::hash);
      case TUMBLING ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", Steps::auction, counts(tumblingWinPolicy(Workload.WINDOW_MILLIS)))
              .end(Result::hash);
      case SLIDING ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey(
                  "count",
                  Steps::auction,
                  counts(slidingWinPolicy(Workload.WINDOW_MILLIS, Workload.SLIDE_MILLIS)))
              .byKey("highest", Steps::to, highest())
              .end(Result::hash);
      case JOIN -> graph.join().end(Result::hash);
      case SESSION ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", Steps::bidder, sessions())
              .end(Result::hash);
      case KEYED, KEYED_CHECKPOINTS ->
          graph
              .then("bids", filterP(Event::isBid))
              .byKey("count", Steps::bidder, runningCount())
              .end(Result::hash);
      case KEYED_ROCKSDB -> throw new IllegalArgumentException("Jet keeps state in memory alone");
    }
    return graph.dag;
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
      FunctionEx<Event, Long> person = Steps::person;
      FunctionEx<Event, Long> seller = Steps::seller;
      dag.edge(from(last, 0).to(persons, 0).isolated());
      dag.edge(from(last, 1).to(auctions, 0).isolated());
      dag.edge(from(persons).to(pairs, 0).partitioned(person, HASH_CODE));
      dag.edge(from(auctions).to(pairs, 1).partitioned(seller, HASH_CODE));
      last = pairs;
      return then("open", flatMapP(Steps::opened));
    }

    <T> void end(ToLongFunctionEx<T> hash) {
      then("tally", () -> new TallySink<>(hash));
    }
  }

  private static SupplierEx<Processor> counts(SlidingWindowPolicy windows) {
    FunctionEx<Event, Long> key = Steps::auction;
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
    FunctionEx<Result, Long> key = Steps::to;
    ToLongFunctionEx<Result> time = result -> result.to - 1;
    return aggregateToSlidingWindowP(
        List.of(key),
        List.of(time),
        EVENT,
        tumblingWinPolicy(Workload.SLIDE_MILLIS),
        0,
        reducing(new Result(0, 0, 0, -1), (Result result) -> result, Steps::highest, null),
        (from, to, end, result, early) -> result);
  }

  private static SupplierEx<Processor> sessions() {
    FunctionEx<Event, Long> key = Steps::bidder;
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
    FunctionEx<Event, Long> key = Steps::bidder;
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
    FunctionEx<Event, Long> person = Steps::person;
    FunctionEx<Event, Long> seller = Steps::seller;
    ToLongFunctionEx<Event> time = event -> event.time;
    return aggregateToSlidingWindowP(
        List.of(person, seller),
        List.of(time, time),
        EVENT,
        tumblingWinPolicy(Workload.WINDOW_MILLIS),
        0,
        aggregateOperation2(CoreGraphs.<Event>list(), CoreGraphs.<Event>list(), Tuple2::tuple2),
        (from, to, key, groups, early) -> groups);
  }

  private static <T> AggregateOperation1<T, List<T>, List<T>> list() {
    return toList();
  }

  private CoreGraphs() {}
}
