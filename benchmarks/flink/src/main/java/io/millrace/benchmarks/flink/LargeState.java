package io.millrace.benchmarks.flink;

import io.millrace.benchmarks.workloads.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

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
    env.fromSource(
            new DataGeneratorSource<>(
                number -> number,
                Long.MAX_VALUE,
                RateLimiterStrategy.perSecond(Double.parseDouble(words[2])),
                Types.LONG),
            WatermarkStrategy.noWatermarks(),
            "numbers")
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
      content =
          getRuntimeContext()
              .getState(
                  new ValueStateDescriptor<>(
                      "content", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out)
        throws IOException {
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

  private record Journaled(String file) implements Sink<Long>, SupportsCommitter<Long> {
    @Override
    public CommittingSinkWriter<Long, Long> createWriter(WriterInitContext context) {
      return new Writer(new Journal(file));
    }

    @Override
    public Committer<Long> createCommitter(CommitterInitContext context) {
      return new Commits(new Journal(file));
    }

    @Override
    public SimpleVersionedSerializer<Long> getCommittableSerializer() {
      return new LongSerializer();
    }
  }

  private static final class Writer implements CommittingSinkWriter<Long, Long> {
    private final Journal journal;
    private long last = -1;

    Writer(Journal journal) {
      this.journal = journal;
    }

    @Override
    public void write(Long number, Context context) throws IOException {
      if (last < 0) {
        journal.written(number);
      }
      last = number;
    }

    @Override
    public Collection<Long> prepareCommit() {
      return List.of(last);
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }

  private record Commits(Journal journal) implements Committer<Long> {
    @Override
    public void commit(Collection<CommitRequest<Long>> requests) throws IOException {
      for (CommitRequest<Long> request : requests) {
        journal.committed(request.getCommittable());
      }
    }

    @Override
    public void close() {}
  }

  private static final class LongSerializer implements SimpleVersionedSerializer<Long> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Long number) {
      return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    @Override
    public Long deserialize(int version, byte[] bytes) {
      return ByteBuffer.wrap(bytes).getLong();
    }
  }

  private LargeState() {}
}
