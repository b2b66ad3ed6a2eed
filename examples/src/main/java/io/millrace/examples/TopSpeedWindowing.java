package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.window.DeltaTrigger;
import io.millrace.api.window.GlobalWindows;
import io.millrace.api.window.TimeEvictor;
import java.time.Duration;
import java.util.List;

/**
 * The top speed of each car within the last ten seconds, told every fifty metres.
 *
 * <p>{@code [--output <directory>] [--count <measurements>]}
 */
public final class TopSpeedWindowing {
  private static final String USAGE = "[--output <directory>] [--count <measurements>]";
  private static final int CARS = 2;
  private static final double METRES = 50;

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments(USAGE, List.of("output", "count"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<Measurement> measurements =
        env.fromGenerator(
                TopSpeedWindowing::drive, arguments.number("count", 10_000), Double.MAX_VALUE)
            .setParallelism(1);
    DataStream<Measurement> speeds = topSpeeds(measurements);
    if (arguments.has("output")) {
      speeds.writeAsText(arguments.text("output"));
    } else {
      speeds.print();
    }
    env.execute("Top speed windowing");
  }

  /**
   * A car at a moment.
   *
   * @param speed in metres per second
   * @param distance driven so far, in metres
   * @param time in milliseconds since the epoch
   */
  record Measurement(int car, int speed, double distance, long time) {}

  /** Each car is measured once a second and goes faster for a minute, then slower. */
  static Measurement drive(long index) {
    long second = index / CARS;
    long minutes = second / 60;
    int within = (int) (second % 60);
    boolean faster = minutes % 2 == 0;
    int speed = faster ? within : 60 - within;
    double distance =
        minutes * 1_800.0
            + (faster ? within * within / 2.0 : 60.0 * within - within * within / 2.0);
    return new Measurement((int) (index % CARS), speed, distance, second * 1_000);
  }

  static DataStream<Measurement> topSpeeds(DataStream<Measurement> measurements) {
    return measurements
        .assignTimestampsAndWatermarks(
            WatermarkStrategy.<Measurement>forMonotonousTimestamps()
                .withTimestampAssigner((measured, old) -> measured.time()))
        .keyBy(Measurement::car)
        .window(GlobalWindows.create())
        .evictor(TimeEvictor.of(Duration.ofSeconds(10)))
        .trigger(
            DeltaTrigger.of(
                METRES,
                (before, now) -> now.distance() - before.distance(),
                measurements.getType()))
        .maxBy("speed")
        .uid("top speeds");
  }

  private TopSpeedWindowing() {}
}
