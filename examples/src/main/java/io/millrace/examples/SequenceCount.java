package io.millrace.examples;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;

/**
 * A stream at a steady rate, to watch failures with: numbers from 0 on, each with how many numbers
 * of its key came up to it, one line {@code <number> <key> <count>} for each. The key of a number
 * is its remainder by {@code --keys}. If that is a multiple of the parallelism, the numbers of a
 * key come in order and its count is {@code number / keys + 1}, whatever fails meanwhile.
 *
 * <p>{@code --output <directory> [--rate <records per second>] [--count <records, else endless>]
 * [--keys <n>] [--checkpoint-interval <ms>] [--parallelism <n>]}
 */
public final class SequenceCount {
  private static final String USAGE =
      "--output <directory> [--rate <records per second>] [--count <records>] [--keys <n>]"
          + " [--checkpoint-interval <ms>] [--parallelism <n>]";

  public static void main(String[] words) throws Exception {
    var arguments =
        new Arguments(
            USAGE,
            List.of("output", "rate", "count", "keys", "checkpoint-interval", "parallelism"),
            words);
    long keys = arguments.number("keys", 10);
    double rate = arguments.number("rate", 1_000);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    if (arguments.has("parallelism")) {
      env.setParallelism((int) arguments.number("parallelism", 1));
    }
    if (arguments.has("checkpoint-interval")) {
      env.enableCheckpointing(arguments.number("checkpoint-interval", 1));
    }
    var numbers =
        arguments.has("count")
            ? env.<Long>fromGenerator(index -> index, arguments.number("count", 1), rate)
            : env.<Long>fromGenerator(index -> index, rate);
    numbers
        .name("numbers")
        .uid("numbers")
        .keyBy(number -> number % keys)
        .process(new RunningCount())
        .name("running count")
        .uid("running-count")
        .writeAsText(arguments.text("output"))
        .name("lines")
        .uid("lines");
    env.execute("Sequence count");
  }

  /** Counts the numbers of each key. */
  static final class RunningCount extends KeyedProcessFunction<Long, Long, String> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long number, Context context, Collector<String> out)
        throws Exception {
      Long before = count.value();
      long now = before == null ? 1 : before + 1;
      count.update(now);
      out.collect(number + " " + context.getCurrentKey() + " " + now);
    }
  }

  private SequenceCount() {}
}
