package io.millrace.benchmarks.jet;

import static com.hazelcast.jet.aggregate.AggregateOperations.counting;
import static com.hazelcast.jet.aggregate.AggregateOperations.reducing;
import static com.hazelcast.jet.aggregate.AggregateOperations.toList;

import com.hazelcast.function.ToLongFunctionEx;
import com.hazelcast.jet.accumulator.LongAccumulator;
import com.hazelcast.jet.core.ProcessorMetaSupplier;
import com.hazelcast.jet.pipeline.BatchStage;
import com.hazelcast.jet.pipeline.GeneralStage;
import com.hazelcast.jet.pipeline.Pipeline;
import com.hazelcast.jet.pipeline.Sinks;
import com.hazelcast.jet.pipeline.Sources;
import com.hazelcast.jet.pipeline.StreamStage;
import com.hazelcast.jet.pipeline.WindowDefinition;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.Result;

/**
 * The workloads as pipelines of Jet, as its users write them: it makes the graphs, and the
 * watermarks too.
 */
final class Pipelines {
  static Pipeline of(Workload workload, long events) {
    Pipeline pipeline = Pipeline.create();
    BatchStage<Event> all =
        pipeline
            .readFrom(
                Sources.<Event>batchFromProcessor(
                    "events",
                    ProcessorMetaSupplier.of(
                        Workload.PARALLELISM, () -> new EventSource(events, false))))
            .setLocalParallelism(Workload.PARALLELISM);
    switch (workload) {
      case PASSTHROUGH -> end(all.map(Event::inEuro).filter(Event::isOfInterest), Event::hash);
      case SHUFFLE -> end(all.rebalance(Event::key).map(Event::inEuro), Event::hash);
      case TUMBLING ->
          end(counts(timed(all), WindowDefinition.tumbling(Workload.WINDOW_MILLIS)), Result::hash);
      case SLIDING ->
          end(
              counts(
                      timed(all),
                      WindowDefinition.sliding(Workload.WINDOW_MILLIS, Workload.SLIDE_MILLIS))
                  .groupingKey(Steps::to)
                  .window(WindowDefinition.tumbling(Workload.SLIDE_MILLIS))
                  .aggregate(
                      reducing(
                          new Result(0, 0, 0, -1), (Result result) -> result, Steps::highest, null))
                  .map(window -> window.result()),
              Result::hash);
      case JOIN -> end(opened(timed(all)), Result::hash);
      case SESSION ->
          // Here a pause of just the gap ends a session, elsewhere one that is longer does.
          end(
              timed(all)
                  .filter(Event::isBid)
                  .groupingKey(Steps::bidder)
                  .window(WindowDefinition.session(Workload.GAP_MILLIS + 1))
                  .aggregate(counting())
                  .map(
                      window ->
                          new Result(
                              window.key(), window.start(), window.end() - 1, window.result())),
              Result::hash);
      case KEYED, KEYED_CHECKPOINTS ->
          end(
              all.filter(Event::isBid)
                  .groupingKey(Steps::bidder)
                  .mapStateful(
                      LongAccumulator::new,
                      (count, bidder, event) -> new Result(bidder, 0, 0, count.add(1).get())),
              Result::hash);
      case KEYED_ROCKSDB -> throw new IllegalArgumentException("Jet keeps state in memory alone");
    }
    return pipeline;
  }

  private static StreamStage<Event> timed(BatchStage<Event> events) {
    return events.addTimestamps(event -> event.time, 0);
  }

  private static StreamStage<Result> counts(StreamStage<Event> events, WindowDefinition windows) {
    return events
        .filter(Event::isBid)
        .groupingKey(Steps::auction)
        .window(windows)
        .aggregate(counting())
        .map(window -> new Result(window.key(), window.start(), window.end(), window.result()));
  }

  private static StreamStage<Result> opened(StreamStage<Event> events) {
    return events
        .filter(Event::isPerson)
        .groupingKey(Steps::person)
        .window(WindowDefinition.tumbling(Workload.WINDOW_MILLIS))
        .aggregate2(toList(), events.filter(Event::isAuction).groupingKey(Steps::seller), toList())
        .flatMap(window -> Steps.opened(window.result()));
  }

  private static <T> void end(GeneralStage<T> stage, ToLongFunctionEx<T> hash) {
    stage.writeTo(
        Sinks.fromProcessor(
            "tally", ProcessorMetaSupplier.of(Workload.PARALLELISM, () -> new TallySink<>(hash))));
  }

  private Pipelines() {}
}
