package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.window.EventTimeSessionWindows;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import java.time.Duration;
import java.util.List;

/**
 * Visits to a site: clicks of a user that follow each other within 30 seconds, one line {@code
 * <user> <first> <last> <clicks>} for each visit.
 *
 * <p>{@code [--output <directory>]}
 */
public final class SessionWindowing {
  private static final Duration GAP = Duration.ofSeconds(30);

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments("[--output <directory>]", List.of("output"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<String> visits =
        visits(
            env.fromElements(
                new Click("anna", 1_000),
                new Click("ben", 5_000),
                new Click("anna", 21_000),
                new Click("anna", 90_000),
                new Click("ben", 8_000),
                new Click("anna", 45_000)));
    if (arguments.has("output")) {
      visits.writeAsText(arguments.text("output"));
    } else {
      visits.print();
    }
    env.execute("Session windowing");
  }

  /** What a user did, in milliseconds since the epoch. */
  record Click(String user, long time) {}

  static DataStream<String> visits(DataStream<Click> clicks) {
    return clicks
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Click>forBoundedOutOfOrderness(Duration.ofMinutes(1))
                .withTimestampAssigner((click, old) -> click.time()))
        .keyBy(Click::user)
        .window(EventTimeSessionWindows.withGap(GAP))
        .aggregate(new Count(), new Visit())
        .uid("visits");
  }

  /** How many there are. */
  static final class Count implements AggregateFunction<Click, Long, Long> {
    @Override
    public Long createAccumulator() {
      return 0L;
    }

    @Override
    public Long add(Click click, Long count) {
      return count + 1;
    }

    @Override
    public Long getResult(Long count) {
      return count;
    }

    @Override
    public Long merge(Long left, Long right) {
      return left + right;
    }
  }

  /** Tells a visit: its window ends one gap after the last click. */
  static final class Visit extends ProcessWindowFunction<Long, String, String, TimeWindow> {
    @Override
    public void process(
        String user, Context context, Iterable<Long> counts, Collector<String> out) {
      long last = context.window().getEnd() - GAP.toMillis();
      for (long clicks : counts) {
        out.collect(user + " " + context.window().getStart() + " " + last + " " + clicks);
      }
    }
  }

  private SessionWindowing() {}
}
