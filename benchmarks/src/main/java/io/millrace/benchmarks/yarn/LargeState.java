package io.millrace.benchmarks.yarn;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.benchmarks.workloads.Journal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;

/**
 * An endless job that comes to each of many keys in turn, each with bytes that nothing compresses
 * and a count, with a checkpoint every second. Arguments: keys, bytes of each, records per second,
 * and the file of the {@link Journal}.
 */
public final class LargeState {
  /** Neighbouring numbers come to keys that are far from each other. */
  private static final long SCATTER = 1_000_003;

  public static void main(String[] words) throws Exception {
    long keys = Long.parseLong(words[0]);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    env.enableCheckpointing(1_000);
    env.set("state.backend.type", "rocksdb");
    env.<Long>fromGenerator(number -> number, Double.parseDouble(words[2]))
        .uid("numbers")
        .keyBy(number -> number * SCATTER % keys)
        .process(new Keep(Integer.parseInt(words[1])))
        .uid("state")
        .sinkTo(new Journaled(words[3]))
        .uid("journal");
    env.execute("large state");
  }

  private static final class Keep extends KeyedProcessFunction<Long, Long, Long> {
    private final int size;
    private transient ValueState<byte[]> content;
    private transient ValueState<Long> count;

    Keep(int size) {
      this.size = size;
    }

    @Override
    public void open(OpenContext context) {
      content = getRuntimeContext().getState(new ValueStateDescriptor<>("content", byte[].class));
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
      if (content.value() == null) {
        var bytes = new byte[size];
        new SplittableRandom(number).nextBytes(bytes);
        content.update(bytes);
      }
      Long before = count.value();
      count.update(before == null ? 1 : before + 1);
      out.collect(number);
    }
  }

  private record Journaled(String file) implements Sink<Long> {
    @Override
    public SinkWriter<Long> writer(WriterContext context) {
      return new Writer(new Journal(file));
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) throws Exception {
      for (byte[] last : committables) {
        new Journal(file).committed(ByteBuffer.wrap(last).getLong());
      }
    }
  }

  private static final class Writer implements SinkWriter<Long> {
    private final Journal journal;
    private long last = -1;

    Writer(Journal journal) {
      this.journal = journal;
    }

    @Override
    public void write(Long number, long timestamp) throws Exception {
      if (last < 0) {
        journal.written(number);
      }
      last = number;
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      byte[] promise = ByteBuffer.allocate(Long.BYTES).putLong(last).array();
      return () -> List.of(promise);
    }
  }

  private LargeState() {}
}
