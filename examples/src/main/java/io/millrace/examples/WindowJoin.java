package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.window.TumblingEventTimeWindows;
import java.time.Duration;
import java.util.List;

/**
 * Grades and salaries of the same people, joined second by second: one line {@code <name> <grade>
 * <salary>} for each pair.
 *
 * <p>{@code [--output <directory>] [--count <records of each>]}
 */
public final class WindowJoin {
  private static final String USAGE = "[--output <directory>] [--count <records of each>]";
  private static final List<String> NAMES = List.of("tom", "jerry", "alice", "bob", "john");

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments(USAGE, List.of("output", "count"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    long count = arguments.number("count", 1_000);
    DataStream<Grade> grades =
        env.fromGenerator(n -> new Grade(name(n), (int) (n % 5) + 1, n * 100), count, 1_000)
            .setParallelism(1);
    DataStream<Salary> salaries =
        env.fromGenerator(n -> new Salary(name(n / 3), (int) n % 10_000, n * 100), count, 1_000)
            .setParallelism(1);
    DataStream<String> pairs = joined(grades, salaries, Duration.ofSeconds(1));
    if (arguments.has("output")) {
      pairs.writeAsText(arguments.text("output"));
    } else {
      pairs.print();
    }
    env.execute("Window join");
  }

  private static String name(long index) {
    return NAMES.get((int) (index % NAMES.size()));
  }

  /** Somebody's grade at a time in milliseconds since the epoch. */
  record Grade(String name, int grade, long time) {}

  /** Somebody's salary at a time in milliseconds since the epoch. */
  record Salary(String name, int salary, long time) {}

  static DataStream<String> joined(
      DataStream<Grade> grades, DataStream<Salary> salaries, Duration window) {
    var gradesInTime =
        grades.assignTimestampsAndWatermarks(
            WatermarkStrategy.<Grade>forMonotonousTimestamps()
                .withTimestampAssigner((grade, old) -> grade.time()));
    var salariesInTime =
        salaries.assignTimestampsAndWatermarks(
            WatermarkStrategy.<Salary>forMonotonousTimestamps()
                .withTimestampAssigner((salary, old) -> salary.time()));
    return gradesInTime
        .join(salariesInTime)
        .where(Grade::name)
        .equalTo(Salary::name)
        .window(TumblingEventTimeWindows.of(window))
        .apply((grade, salary) -> grade.name() + " " + grade.grade() + " " + salary.salary());
  }

  private WindowJoin() {}
}
