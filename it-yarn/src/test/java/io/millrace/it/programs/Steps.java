package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.Iterator;
import java.util.List;

/**
 * A main that takes the steps that its arguments name: {@code start} <i>output, how many numbers,
 * how many a second</i> submits a job and does not wait for it, {@code await} waits for the job
 * submitted last, {@code throw} and {@code exit} <i>code</i> leave.
 *
 * <p>A job writes {@code <number> <key> <how many of its key came up to it>}, and where its input
 * has come to an end {@code end <key>} for each key.
 */
public final class Steps {
  public static void main(String[] words) throws Exception {
    JobClient last = null;
    Iterator<String> rest = List.of(words).iterator();
    while (rest.hasNext()) {
      switch (rest.next()) {
        case "start" ->
            last = start(rest.next(), Long.parseLong(rest.next()), Double.parseDouble(rest.next()));
        case "await" -> last.getJobExecutionResult().get();
        case "throw" -> throw new IllegalStateException("enough of this");
        case "exit" -> System.exit(Integer.parseInt(rest.next()));
        default -> throw new IllegalArgumentException(String.join(" ", words));
      }
    }
  }

  private static JobClient start(String output, long count, double rate) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(500);
    env.<Long>fromGenerator(index -> index, count, rate)
        .uid("numbers")
        .keyBy(number -> number % 10)
        .process(new Count())
        .uid("count")
        .writeAsText(output)
        .uid("lines");
    return env.executeAsync(output);
  }

  private static final class Count extends KeyedProcessFunction<Long, Long, String> {
    private static final long serialVersionUID = 1;
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long number, Context context, Collector<String> out)
        throws Exception {
      long now = count.value() == null ? 1 : count.value() + 1;
      count.update(now);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
      out.collect(number + " " + context.getCurrentKey() + " " + now);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      out.collect("end " + context.getCurrentKey());
    }
  }

  private Steps() {}
}
