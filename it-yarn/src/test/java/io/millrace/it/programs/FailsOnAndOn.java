package io.millrace.it.programs;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.SplittableRandom;

/**
 * Keeps bytes that do not compress under each of many keys, and fails with the first record after
 * each checkpoint that has them all. Arguments: how many keys, how many bytes under each.
 */
public final class FailsOnAndOn {
  public static void main(String[] words) throws Exception {
    int keys = Integer.parseInt(words[0]);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.enableCheckpointing(300);
    env.<Long>fromGenerator(index -> index, 5_000)
        .keyBy(number -> number % keys)
        .process(new Hoard(keys, Integer.parseInt(words[1])))
        .sinkTo(new DiscardingSink<>());
    env.execute("Fails on and on");
  }

  private static final class Hoard extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointListener {
    private final int keys;
    private final int bytes;
    private transient ValueState<byte[]> kept;
    private transient boolean ripe;

    Hoard(int keys, int bytes) {
      this.keys = keys;
      this.bytes = bytes;
    }

    @Override
    public void open(OpenContext context) {
      kept = getRuntimeContext().getState(new ValueStateDescriptor<>("kept", byte[].class));
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      ripe = true;
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
      if (ripe && number >= keys) {
        throw new IllegalStateException("as after each checkpoint");
      }
      byte[] noise = new byte[bytes];
      new SplittableRandom(number).nextBytes(noise);
      kept.update(noise);
      out.collect(number);
    }
  }

  private FailsOnAndOn() {}
}
