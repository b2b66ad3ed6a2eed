package io.millrace.it.programs;

import io.millrace.api.SlotSharingGroup;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;

/**
 * Numbers from 0 on, which are counted by their keys in a slot that says what it needs. Writes
 * {@code <number> <key> <how many of its key came up to it>}. Argument: where to write.
 */
public final class MeasuredCount {
  private static final int KEYS = 10;

  public static void main(String[] words) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1).enableCheckpointing(500);
    SlotSharingGroup measured =
        SlotSharingGroup.newBuilder("measured").setCpuCores(1).setTaskHeapMemoryMB(200).build();
    env.<Long>fromGenerator(index -> index, 500)
        .uid("numbers")
        .keyBy(number -> number % KEYS)
        .process(new Count())
        .uid("count")
        .slotSharingGroup(measured)
        .writeAsText(words[0])
        .uid("lines");
    env.execute("Measured count");
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

  private MeasuredCount() {}
}
