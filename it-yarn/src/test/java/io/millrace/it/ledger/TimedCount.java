package io.millrace.it.ledger;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.ExecutionDoor;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;

/**
 * Writes the lines of the example {@code SequenceCount}, without an end, and notes {@linkplain
 * WriteTimes the times} at which the sink got them.
 *
 * <p>Arguments: output directory, numbers per second, the directory on this machine for the times,
 * and the parallelism.
 */
public final class TimedCount {
  private static final int KEYS = 10;

  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(Integer.parseInt(words[3]));
    env.enableCheckpointing(500);
    env.<Long>fromGenerator(index -> index, Double.parseDouble(words[1]))
        .uid("numbers")
        .keyBy(number -> number % KEYS)
        .process(new RunningCount())
        .uid("running-count")
        .sinkTo(new TimedSink<>(ExecutionDoor.files().textSink(words[0], false), words[2]))
        .uid("lines");
    env.execute("Timed count");
  }

  private static final class RunningCount extends KeyedProcessFunction<Long, Long, String> {
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

  private TimedCount() {}
}
