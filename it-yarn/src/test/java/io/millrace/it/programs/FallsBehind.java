package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.concurrent.locks.LockSupport;

/**
 * Two readers of numbers from 1 on and a map that is slower than they are, as many of it as the
 * third argument says: with two they are fused, else records wait between them. Writes {@code
 * <number> <key> <how many of its key came up to it>}. Arguments: where to write, how many numbers,
 * the parallelism, microseconds for each number.
 */
public final class FallsBehind {
  public static final int KEYS = 7;

  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(Integer.parseInt(words[2])).enableCheckpointing(500);
    env.set("execution.checkpointing.unaligned.enabled", "true");
    long nanos = 1_000 * Long.parseLong(words[3]);
    env.fromSequence(1, Long.parseLong(words[1]))
        .setParallelism(2)
        .uid("numbers")
        .map(
            number -> {
              LockSupport.parkNanos(nanos);
              return number;
            })
        .uid("slow")
        .keyBy(number -> number % KEYS)
        .process(new Count())
        .uid("count")
        .writeAsText(words[0])
        .uid("lines");
    env.execute("Falls behind");
  }

  private static final class Count extends KeyedProcessFunction<Long, Long, String> {
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
      out.collect(number + " " + context.getCurrentKey() + " " + now);
    }
  }

  private FallsBehind() {}
}
