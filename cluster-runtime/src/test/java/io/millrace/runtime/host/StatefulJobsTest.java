package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.state.AggregatingState;
import io.millrace.api.state.AggregatingStateDescriptor;
import io.millrace.api.state.BroadcastState;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ReducingState;
import io.millrace.api.state.ReducingStateDescriptor;
import io.millrace.api.state.StateTtlConfig;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Jobs with state through failures, and from one parallelism to another. */
@Timeout(120)
class StatefulJobsTest {
  private static final int KEYS = 11;
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** Numbers what passes its subtask; the number so far is in a list state. */
  private static final class Numbering implements MapFunction<Long, Long>, CheckpointedFunction {
    private transient ListState<Long> kept;
    private transient BroadcastState<String, String> rules;
    private transient long passed;

    @Override
    public void initializeState(FunctionInitializationContext context) {
      kept =
          context
              .getOperatorStateStore()
              .getListState(new ListStateDescriptor<>("passed", Long.class));
      rules =
          context
              .getOperatorStateStore()
              .getBroadcastState(new MapStateDescriptor<>("rules", String.class, String.class));
      if (!context.isRestored()) {
        rules.put("fails", "sometimes");
      }
      for (long each : kept.get()) {
        passed += each;
      }
    }

    @Override
    public Long map(Long value) {
      passed++;
      if (!"sometimes".equals(rules.get("fails"))) {
        throw new IllegalStateException("the rules are gone");
      }
      if (SEEN.incrementAndGet() % 4_000 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
        throw new IllegalArgumentException("injected");
      }
      return value;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      kept.update(List.of(passed));
      TOTALS.put(context.getCheckpointId() + "/" + System.identityHashCode(this), passed);
    }
  }

  private static final java.util.concurrent.ConcurrentSkipListMap<String, Long> TOTALS =
      new java.util.concurrent.ConcurrentSkipListMap<>();

  private static final class Average implements AggregateFunction<Long, long[], Double> {
    @Override
    public long[] createAccumulator() {
      return new long[2];
    }

    @Override
    public long[] add(Long value, long[] sum) {
      sum[0] += value;
      sum[1]++;
      return sum;
    }

    @Override
    public Double getResult(long[] sum) {
      return (double) sum[0] / sum[1];
    }

    @Override
    public long[] merge(long[] left, long[] right) {
      return new long[] {left[0] + right[0], left[1] + right[1]};
    }
  }

  /** Emits for each record the count, sum and mean of its key's. */
  private static final class Statistics extends KeyedProcessFunction<Long, Long, String> {
    private transient ReducingState<Long> sum;
    private transient AggregatingState<Long, Double> mean;
    private transient ReducingState<Long> count;

    @Override
    public void open(OpenContext context) {
      var runtime = getRuntimeContext();
      var sums = new ReducingStateDescriptor<Long>("sum", Long::sum, Long.class);
      sums.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofHours(1)).build());
      sum = runtime.getReducingState(sums);
      count =
          runtime.getReducingState(new ReducingStateDescriptor<>("count", Long::sum, Long.class));
      mean =
          runtime.getAggregatingState(
              new AggregatingStateDescriptor<>("mean", new Average(), long[].class));
    }

    @Override
    public void processElement(Long value, Context context, Collector<String> out)
        throws Exception {
      sum.add(value);
      count.add(1L);
      mean.add(value);
      out.collect(value % KEYS + "=" + count.get() + " " + sum.get() + " " + mean.get());
    }
  }

  private static JobGraph job(int parallelism, long records, CommittedOutput output) {
    return job("hashmap", parallelism, records, output);
  }

  private static JobGraph job(
      String backend, int parallelism, long records, CommittedOutput output) {
    var env = LocalJobs.restarting(parallelism);
    env.set("state.backend.type", backend);
    env.set("execution.checkpointing.inline-threshold", "0"); // however little it is, in files
    env.fromGenerator(index -> index, records, 15_000)
        .uid("numbers")
        .map(new Numbering())
        .uid("numbering")
        .keyBy(value -> value % KEYS)
        .process(new Statistics())
        .uid("statistics")
        .sinkTo(output)
        .uid("lines");
    return env.getJobGraph();
  }

  @Test
  void allKindsOfStateSurviveFailures(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    // A third one without a checkpoint between would end the job.
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    try (var jobs = jobs()) {
      JobId id = LocalJobs.id('1');
      jobs.start(id, job(2, 15_000, output)).await();
    }
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertExact(output.records(), 15_000);
  }

  /** From checkpoints that jobs have left: those in RocksDB are files of RocksDB. */
  @ParameterizedTest
  @ValueSource(strings = {"hashmap", "rocksdb"})
  void resumesWithAnyOtherParallelismAndBack(String backend, TestInfo test) throws Exception {
    var output = new CommittedOutput(backend + " " + test.getDisplayName());
    FAILURES_LEFT.set(0);
    long records = 45_000;
    Optional<RestoreFrom> from = Optional.empty();
    try (var jobs = jobs()) {
      int life = 0;
      for (int parallelism : new int[] {1, 16, 5, 5, 1, 3}) {
        JobId id = LocalJobs.id((char) ('a' + life++));
        long before = output.records().size();
        JobClient job = jobs.start(id, job(backend, parallelism, records, output), from);
        if (parallelism == 3) {
          TOTALS.clear();
          job.await();
        } else {
          Eventually.holds("more is committed", () -> output.records().size() > before + 100);
          job.cancel().get();
          assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
        }
        from = Optional.of(new RestoreFrom(store.directoryOf(id), false));
      }
    }
    assertExact(output.records(), records);
    // The counts in the list state went along: those of the last checkpoint add up to everything.
    assertThat(lastTotals()).isEqualTo(records);
  }

  @Test
  void dropsStateThatNobodyTakesOnlyWhenAsked(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(0);
    try (var jobs = jobs()) {
      JobId first = LocalJobs.id('d');
      JobClient job = jobs.start(first, job(2, 1_000_000, output));
      Eventually.holds("something is committed", () -> !output.records().isEmpty());
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);

      var env = LocalJobs.restarting(2);
      env.fromGenerator(index -> index, 1_000_000, 1_000_000)
          .uid("numbers")
          .map(value -> "" + value)
          .sinkTo(new CommittedOutput(test.getDisplayName() + " less"))
          .uid("lines");
      JobGraph less = env.getJobGraph();
      String path = store.directoryOf(first);
      JobClient refused =
          jobs.start(LocalJobs.id('e'), less, Optional.of(new RestoreFrom(path, false)));
      assertThatThrownBy(refused::await)
          .hasMessageContaining("'numbering'")
          .hasMessageContaining("--allowNonRestoredState");
      JobClient allowed =
          jobs.start(LocalJobs.id('f'), less, Optional.of(new RestoreFrom(path, true)));
      allowed.await();
    }
  }

  private LocalJobs jobs() {
    return new LocalJobs(store, getClass().getClassLoader());
  }

  /** Sum over the subtasks of what they wrote into the highest checkpoint. */
  private static long lastTotals() {
    var byCheckpoint = new TreeMap<Long, Long>();
    TOTALS.forEach(
        (key, total) -> byCheckpoint.merge(Long.parseLong(key.split("/")[0]), total, Long::sum));
    return byCheckpoint.lastEntry().getValue();
  }

  /** Each key's lines must be those of counting, summing and averaging its records in order. */
  private static void assertExact(List<String> lines, long records) {
    var found = new TreeMap<Long, List<String>>();
    for (String line : lines) {
      String[] parts = line.split("=");
      found.computeIfAbsent(Long.parseLong(parts[0]), key -> new ArrayList<>()).add(parts[1]);
    }
    for (long key = 0; key < KEYS; key++) {
      List<String> mine = found.get(key);
      long expected = (records - key - 1) / KEYS + 1;
      var counts = new ArrayList<Long>();
      String last = "";
      for (String each : mine) {
        long count = Long.parseLong(each.split(" ")[0]);
        counts.add(count);
        last = count == expected ? each : last;
      }
      counts.sort(null);
      assertThat(counts).hasSize((int) expected);
      for (int i = 0; i < counts.size(); i++) {
        assertThat(counts.get(i)).isEqualTo(i + 1L);
      }
      long sum = 0;
      for (long value = key; value < records; value += KEYS) {
        sum += value;
      }
      assertThat(last).isEqualTo(expected + " " + sum + " " + (double) sum / expected);
    }
  }
}
