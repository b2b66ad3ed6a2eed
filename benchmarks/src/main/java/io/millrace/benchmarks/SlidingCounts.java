package io.millrace.benchmarks;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.window.SlidingEventTimeWindows;
import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Trial;
import java.time.Duration;

/**
 * Counts per key in sliding windows of one minute of event time, 100,000 events a second: what an
 * event costs as windows overlap more and more.
 */
final class SlidingCounts {
  private static final long EVENTS_PER_SECOND = 100_000;
  private static final Duration SIZE = Duration.ofMinutes(1);

  /** {@code --events}, {@code --keys}, {@code --ratio} of size to slide, {@code --backend}. */
  static Figures run(Options options) throws Exception {
    String backend = options.text("backend", "hashmap");
    long events = options.number("events", 30_000_000);
    long keys = options.number("keys", 1_000);
    long ratio = options.number("ratio", 1);
    job(Math.max(1, events / 6), keys, ratio, backend); // warms up
    Meter.Reading begin = Meter.Reading.now();
    job(events, keys, ratio, backend);
    Figures figures =
        new Figures()
            .text("workload", "sliding-cost")
            .text("engine", "millrace")
            .text("backend", backend)
            .number("keys", keys)
            .number("size_by_slide", ratio);
    begin.addTo(figures);
    return figures.number("rss_mb", Trial.peakMegabytes());
  }

  private static void job(long events, long keys, long ratio, String backend) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    env.set("state.backend.type", backend);
    env.<Long>fromGenerator(index -> index, events, Double.POSITIVE_INFINITY)
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Long>forMonotonousTimestamps()
                .withTimestampAssigner((index, before) -> index * 1_000 / EVENTS_PER_SECOND))
        .map(SlidingCounts::metered)
        .keyBy(index -> index % keys)
        .window(SlidingEventTimeWindows.of(SIZE, SIZE.dividedBy(ratio)))
        .aggregate(new Count())
        .sinkTo(new DiscardingSink<>());
    env.execute("sliding counts");
  }

  private static long metered(long index) {
    if ((index & (Meter.STRIDE - 1)) == Meter.STRIDE - 1) {
      Meter.stride();
    }
    return index;
  }

  /** Counts. */
  static final class Count implements AggregateFunction<Long, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Long value, Long accumulator) {
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

  private SlidingCounts() {}
}
