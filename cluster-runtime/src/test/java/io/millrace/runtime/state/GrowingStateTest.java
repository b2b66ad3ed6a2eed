package io.millrace.runtime.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.ProcessJoinFunction;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.OperatorFactory;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.CountEvictor;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.TimeWindow;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.rocksdb.RocksDbMemory;
import io.millrace.runtime.rocksdb.RocksDbRows;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** State under one key that grows from checkpoint to checkpoint: each pays for what is new. */
class GrowingStateTest {
  private static final int RECORDS = 100_000;
  private static final int CHECKPOINT_EVERY = 1_000;
  private static final String TEXT = "x".repeat(96);
  private static final TypeInformation<String> TYPE = TypeInformation.of(String.class);

  @TempDir Path scratch;
  private RocksDbMemory memory;
  private CountedRows counted;
  private StateStore store;

  @AfterEach
  void close() {
    store.close();
    if (memory != null) {
      memory.close();
    }
  }

  private StateStore store(String kind) {
    return store(kind, 32 << 20);
  }

  private StateStore store(String kind, long cacheBytes) {
    if (kind.equals("heap")) {
      store = HeapStateStore.create(WindowBench.keys(String.class), 0, 7, 8, WindowBench.LOADER);
    } else {
      counted = new CountedRows(rows(kind));
      store =
          RowStateStore.create(
              WindowBench.keys(String.class), 0, 7, 8, WindowBench.LOADER, counted, cacheBytes);
    }
    return store;
  }

  private Rows rows(String kind) {
    if (kind.equals("memory")) {
      return new MemoryRows();
    }
    try {
      RocksDbMemory.load(scratch.resolve("native"));
      memory = new RocksDbMemory(64 << 20);
      return RocksDbRows.open(scratch.resolve("db"), memory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private interface Step {
    void run(int i) throws Exception;
  }

  /** Runs it, with a checkpoint now and then of which nothing is written. */
  private void grow(String what, String kind, int count, Step step) throws Exception {
    var threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    FrozenState frozen = null;
    for (int i = 0; i < count; i++) {
      step.run(i);
      if ((i + 1) % CHECKPOINT_EVERY == 0) {
        if (frozen != null) {
          frozen.discard();
        }
        frozen = store.capture();
      }
    }
    frozen.discard();
    Files.writeString(
        Path.of("target/measurements.txt"),
        String.format(
            "%s, %s: %,d records under one key, a checkpoint every %,d: %.2f s of CPU, %s written%n",
            what,
            kind,
            count,
            CHECKPOINT_EVERY,
            (threads.getCurrentThreadCpuTime() - before) / 1e9,
            counted == null ? "nothing" : String.format("%.1f MB", counted.bytes / 1e6)),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void paidForWhatWasNew(long content) {
    if (counted != null) {
      assertThat(counted.bytes).isBetween(content * 9 / 10, content * 2);
    }
  }

  private void assertNothingIsLeft() {
    if (memory == null) { // it only estimates
      store.freeze().discard();
      assertThat(store.entryCount()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"heap", "memory", "rocksdb"})
  void aList(String kind) throws Exception {
    ListState<String> list = store(kind).list(new ListStateDescriptor<>("list", String.class));
    grow(
        "a list",
        kind,
        RECORDS,
        i -> {
          store.setCurrentKey("key");
          list.add(TEXT + i % 10);
        });

    paidForWhatWasNew(RECORDS * 100L);
    assertThat(list.get()).hasSize(RECORDS);
  }

  private static final class Count
      extends ProcessWindowFunction<String, String, String, TimeWindow> {
    @Override
    public void process(
        String key, Context context, Iterable<String> elements, Collector<String> out) {
      long count = 0;
      long bytes = 0;
      for (String each : elements) {
        count++;
        bytes += each.length();
      }
      out.collect(count + " of " + bytes);
    }
  }

  @SuppressWarnings("unchecked") // what the last vertex takes and emits
  private static <I, O> OperatorFactory<I, O> last(
      Function<StreamExecutionEnvironment, DataStream<O>> program) throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    program.apply(env);
    List<Vertex> vertices = env.getJobGraph().vertices();
    return (OperatorFactory<I, O>)
        vertices.get(vertices.size() - 1).code().open(WindowBench.LOADER);
  }

  @ParameterizedTest
  @ValueSource(strings = {"heap", "memory", "rocksdb"})
  void aWindow(String kind) throws Exception {
    OperatorFactory<String, String> factory =
        last(
            env ->
                env.fromCollection(List.of(), TYPE)
                    .keyBy(text -> "key")
                    .window(TumblingEventTimeWindows.of(Duration.ofHours(1)))
                    .process(new Count()));
    var bench = new WindowBench<String, String>(factory, text -> "key", () -> store(kind));
    grow("a window", kind, RECORDS, i -> bench.take(TEXT + i % 10, i));

    paidForWhatWasNew(RECORDS * 100L);
    bench.watermarkTo(Long.MAX_VALUE);
    assertThat(bench.records).containsExactly(RECORDS + " of " + RECORDS * 97L);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"heap", "memory", "rocksdb"})
  void aWindowWithAnEvictor(String kind) throws Exception {
    OperatorFactory<String, String> factory =
        last(
            env ->
                env.fromCollection(List.of(), TYPE)
                    .keyBy(text -> "key")
                    .window(TumblingEventTimeWindows.of(Duration.ofHours(1)))
                    .evictor(CountEvictor.of(RECORDS / 2))
                    .process(new Count()));
    var bench = new WindowBench<String, String>(factory, text -> "key", () -> store(kind));
    grow("a window with an evictor", kind, RECORDS, i -> bench.take(TEXT + i % 10, i));

    paidForWhatWasNew(RECORDS * 100L);
    bench.watermarkTo(Long.MAX_VALUE);
    assertThat(bench.records).containsExactly(RECORDS / 2 + " of " + RECORDS / 2 * 97L);
    assertNothingIsLeft();
  }

  private static final class Tell extends ProcessJoinFunction<String, String, String> {
    @Override
    public void processElement(String left, String right, Context ctx, Collector<String> out) {
      out.collect(left);
    }
  }

  private static OperatorFactory<Sided<String, String>, String> join() throws Exception {
    return last(
        env ->
            env.fromCollection(List.of(), TYPE)
                .keyBy(text -> "key")
                .intervalJoin(env.fromCollection(List.of(), TYPE).keyBy(text -> "key"))
                .between(Duration.ZERO, Duration.ZERO)
                .process(new Tell()));
  }

  /** Each record meets one of the ten thousand that wait at the other side. */
  @ParameterizedTest
  @ValueSource(strings = {"heap", "memory", "rocksdb"})
  void anIntervalJoin(String kind) throws Exception {
    OperatorFactory<Sided<String, String>, String> factory = join();
    var bench =
        new WindowBench<Sided<String, String>, String>(factory, text -> "key", () -> store(kind));
    grow("10,000 wait", kind, 10_000, i -> bench.take(new Sided<>(TEXT + i % 10, null), i));
    paidForWhatWasNew(10_000 * 100L);
    grow("each met", kind, 10_000, i -> bench.take(new Sided<>(null, TEXT + i % 10), i));

    paidForWhatWasNew(20_000 * 100L);
    assertThat(bench.records).hasSize(10_000);
    bench.watermarkTo(Long.MAX_VALUE);
    assertNothingIsLeft();
  }

  /** With a cache that holds next to nothing of what waits. */
  @Test
  void anIntervalJoinReadsOnlyChunksThatMayHavePartners() throws Exception {
    OperatorFactory<Sided<String, String>, String> factory = join();
    var bench =
        new WindowBench<Sided<String, String>, String>(
            factory, text -> "key", () -> store("memory", 1 << 16));
    int records = 4_000;
    for (int i = 0; i < records; i++) {
      bench.take(new Sided<>(TEXT + i % 10, null), i);
    }
    store.freeze().discard();
    long before = counted.readBytes;
    for (int i = 0; i < records; i++) {
      bench.take(new Sided<>(null, TEXT + i % 10), i);
    }

    assertThat(bench.records).hasSize(records);
    // Each record of the other side takes about 100 bytes.
    assertThat((counted.readBytes - before) / records).isLessThan(records * 100 / 10);
  }

  /** What is written to rows, and read from them. */
  private static final class CountedRows implements Rows {
    private final Rows rows;
    private long bytes;
    private long readBytes;

    CountedRows(Rows rows) {
      this.rows = rows;
    }

    @Override
    public byte[] get(byte[] key) {
      byte[] value = rows.get(key);
      readBytes += value == null ? 0 : value.length;
      return value;
    }

    @Override
    public void put(byte[] key, byte[] value) {
      bytes += key.length + value.length;
      rows.put(key, value);
    }

    @Override
    public void append(byte[] key, byte[] value) {
      bytes += key.length + value.length;
      rows.append(key, value);
    }

    @Override
    public void delete(byte[] key) {
      bytes += key.length;
      rows.delete(key);
    }

    @Override
    public Batch batch() {
      Batch batch = rows.batch();
      return new Batch() {
        @Override
        public void put(byte[] from, int key, int keyLength, int value, int valueLength) {
          bytes += keyLength + valueLength;
          batch.put(from, key, keyLength, value, valueLength);
        }

        @Override
        public void delete(byte[] from, int key, int keyLength) {
          bytes += keyLength;
          batch.delete(from, key, keyLength);
        }

        @Override
        public void write() {
          batch.write();
        }
      };
    }

    @Override
    public void scan(byte[] from, byte[] to, Visitor visitor) {
      rows.scan(
          from,
          to,
          (key, value) -> {
            readBytes += value.length;
            return visitor.row(key, value);
          });
    }

    @Override
    public void skim(byte[] from, byte[] to, Visitor visitor) {
      rows.skim(from, to, visitor);
    }

    @Override
    public long estimatedBytes(byte[] from, byte[] to) {
      return rows.estimatedBytes(from, to);
    }

    @Override
    public View freeze() {
      return rows.freeze();
    }

    @Override
    public StateFolder capture() {
      return rows.capture();
    }

    @Override
    public long estimatedCount() {
      return rows.estimatedCount();
    }

    @Override
    public void close() {
      rows.close();
    }
  }
}
