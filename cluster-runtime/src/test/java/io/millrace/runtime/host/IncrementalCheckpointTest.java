package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints of state in RocksDB that write only what is new. */
@Timeout(180)
class IncrementalCheckpointTest {
  private static final int KEYS = 4_000;
  private static final int TOUCHED = 10;
  private static final long RECORDS = KEYS + 4_000;
  private static final int VALUE_BYTES = 1_000;
  private static final AtomicBoolean FAIL = new AtomicBoolean();
  private static final AtomicLong SEEN = new AtomicLong();

  /** Files that must be written while few keys are touched. */
  private static final int WANTED = 16;

  /** Those that had been written when each key had been read; negative before. */
  private static final AtomicInteger FILLING = new AtomicInteger();

  private static CountingStore store;

  /** First each key once, then a few of them again and again. */
  private static long keyOf(long index) {
    return index < KEYS ? index : index % TOUCHED;
  }

  private static StreamExecutionEnvironment program(CommittedOutput output, String backend) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("state.backend.type", backend);
    env.set("state.backend.rocksdb.object-cache.size", "20 kb");
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.setParallelism(2);
    env.fromGenerator(index -> index, RECORDS, 4_000)
        .map(
            index -> {
              if (index == KEYS) {
                FILLING.set(store.written().size());
              }
              if (index >= KEYS && touching().size() < WANTED) {
                // So that the job does not end before there are enough checkpoints.
                LockSupport.parkNanos(2_000_000);
              }
              if (SEEN.incrementAndGet() == RECORDS - 200 && FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("injected");
              }
              return index;
            })
        .keyBy(IncrementalCheckpointTest::keyOf)
        .process(new Counts())
        .sinkTo(output);
    return env;
  }

  /** A count beside bytes that cannot be compressed. */
  private static final class Counts extends KeyedProcessFunction<Long, Long, String> {
    private transient ValueState<byte[]> noise;
    private transient ValueState<Integer> count;

    @Override
    public void open(OpenContext context) {
      noise = getRuntimeContext().getState(new ValueStateDescriptor<>("noise", byte[].class));
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Integer.class));
    }

    @Override
    public void processElement(Long index, Context context, Collector<String> out)
        throws Exception {
      byte[] bytes = new byte[VALUE_BYTES];
      new SplittableRandom(index).nextBytes(bytes);
      noise.update(bytes);
      count.update((count.value() == null ? 0 : count.value()) + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<String> out)
        throws Exception {
      long last = context.getCurrentKey() < TOUCHED ? lastOf(context.getCurrentKey()) : -1;
      byte[] expected = new byte[VALUE_BYTES];
      new SplittableRandom(last < 0 ? context.getCurrentKey() : last).nextBytes(expected);
      String noted = java.util.Arrays.equals(expected, noise.value()) ? "right" : "wrong";
      out.collect(context.getCurrentKey() + " " + count.value() + " " + noted);
    }

    private static long lastOf(long key) {
      return RECORDS - TOUCHED + key;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rocksdb", "hashmap"})
  void restoreAllOfItFromLocalDisk(String backend, TestInfo test) throws Exception {
    run(backend, Map.of(), test);
    // The failure was a task's: all that it needs lies on the disks of the TaskManagers.
    assertThat(store.reads()).isZero();
    assertThat(touching()).hasSizeGreaterThan(WANTED / 2);
    if (backend.equals("rocksdb")) {
      // All of the state is 4 MB; a compaction may write it again now and then.
      assertThat(touching().stream().filter(bytes -> bytes < KEYS * VALUE_BYTES / 10))
          .as("checkpoints that write what is new")
          .hasSizeGreaterThan(touching().size() / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rocksdb", "hashmap"})
  void restoreAllOfItFromTheStoreWithoutCopies(String backend, TestInfo test) throws Exception {
    run(backend, Map.of("execution.checkpointing.local-backup.enabled", "false"), test);
    assertThat(store.reads()).isPositive();
  }

  @Test
  void areWholeWhereTheyAreNotToBeIncremental(TestInfo test) throws Exception {
    run("rocksdb", Map.of("execution.checkpointing.incremental", "false"), test);
    assertThat(touching().stream().filter(bytes -> bytes > KEYS * VALUE_BYTES / 4))
        .as("files that hold all of a subtask's state")
        .hasSizeGreaterThan(touching().size() / 2);
  }

  /** Sizes of the state files that were written while few keys were touched. */
  private static List<Long> touching() {
    List<Long> written = store.written();
    return FILLING.get() < 0 ? List.of() : written.subList(FILLING.get(), written.size());
  }

  /** A job with a failure, whose output is right. */
  private static void run(String backend, Map<String, String> settings, TestInfo test)
      throws Exception {
    var output = new CommittedOutput(test.getTestMethod().orElseThrow().getName() + " " + backend);
    store = new CountingStore();
    FILLING.set(-1);
    FAIL.set(true);
    SEEN.set(0);
    try (var cluster =
        LocalCluster.start(
            Configuration.EMPTY,
            store,
            new OneLoader(IncrementalCheckpointTest.class.getClassLoader()))) {
      StreamExecutionEnvironment program = program(output, backend);
      settings.forEach(program::set);
      cluster.submit(program.getJobGraph()).await();
    }
    assertThat(FAIL.get()).isFalse();

    var expected = new TreeSet<String>();
    for (int key = 0; key < KEYS; key++) {
      long count = key < TOUCHED ? 1 + (RECORDS - KEYS) / TOUCHED : 1;
      expected.add(key + " " + count + " right");
    }
    assertThat(new TreeSet<>(output.records())).isEqualTo(expected);
    assertThat(output.records()).hasSize(KEYS);
  }
}
