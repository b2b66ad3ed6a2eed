package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.eventtime.Watermark;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.function.RichParallelSourceFunction;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records come into a job from functions of the program that run in loops of their own. */
@Timeout(120)
class SourceFunctionTest {
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicBoolean SLOW = new AtomicBoolean();
  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final AtomicInteger RUNS_OF_THE_FIRST = new AtomicInteger();
  private static final AtomicLong COMPLETED = new AtomicLong();

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** Each subtask goes through ranges of numbers, two at a time; what is left is its state. */
  private static final class Ranges extends RichParallelSourceFunction<Long>
      implements CheckpointedFunction, CheckpointListener {
    private final int ranges;
    private final long length;
    private final boolean firstIsShort;
    private transient ListState<long[]> kept;
    private transient List<long[]> left;
    private transient LongCounter emitted;
    private volatile boolean cancelled;

    Ranges(int ranges, long length, boolean firstIsShort) {
      this.ranges = ranges;
      this.length = length;
      this.firstIsShort = firstIsShort;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      kept =
          context
              .getOperatorStateStore()
              .getListState(new ListStateDescriptor<>("left", long[].class));
      left = new ArrayList<>();
      if (context.isRestored()) {
        kept.get().forEach(each -> left.add(each.clone()));
        return;
      }
      int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
      for (int i = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
          i < ranges;
          i += subtasks) {
        long end = firstIsShort && i == 0 ? 10 : length;
        left.add(new long[] {i * length, i * length + end});
      }
    }

    @Override
    public void open(OpenContext context) {
      emitted = getRuntimeContext().getLongCounter("emitted");
    }

    @Override
    public void run(SourceContext<Long> context) {
      RUNS.incrementAndGet();
      if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0) {
        RUNS_OF_THE_FIRST.incrementAndGet();
      }
      while (!cancelled && !left.isEmpty()) {
        if (SLOW.get() || FAILURES_LEFT.get() > 0) {
          // So that the job does not end before what is to happen to it.
          long passed = left.get(0)[0] % length;
          LockSupport.parkNanos(
              passed < length / 8 ? 0 : passed < length / 2 ? 500_000 : 5_000_000);
        }
        synchronized (context.getCheckpointLock()) {
          long[] range = left.get(0);
          for (int i = 0; i < 2 && range[0] < range[1]; i++) {
            context.collect(range[0]++);
            emitted.add(1);
          }
          if (range[0] == range[1]) {
            left.remove(0);
          }
        }
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      kept.update(left);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      COMPLETED.incrementAndGet();
    }
  }

  /** Now and then fails a job, once a checkpoint has completed since it failed last. */
  private static final class Failing extends ProcessFunction<Long, String> {
    private long passed;

    @Override
    public void processElement(Long value, Context context, Collector<String> out) {
      if (++passed > 500 && COMPLETED.get() > 4 && FAILURES_LEFT.getAndDecrement() > 0) {
        COMPLETED.set(0);
        throw new IllegalArgumentException("injected");
      }
      out.collect("" + value);
    }
  }

  private static JobGraph job(
      int parallelism, Ranges source, boolean unaligned, CommittedOutput output) {
    var env = LocalJobs.restarting(parallelism);
    env.set("execution.checkpointing.unaligned.enabled", "" + unaligned);
    env.addSource(source)
        .uid("ranges")
        .rebalance()
        .process(new Failing())
        .uid("failing")
        .sinkTo(output)
        .uid("lines");
    return env.getJobGraph();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachRecordComesOnceThroughFailures(boolean unaligned, TestInfo test) throws Exception {
    var output = new CommittedOutput(unaligned + test.getDisplayName());
    FAILURES_LEFT.set(3);
    COMPLETED.set(0);
    try (var jobs = jobs()) {
      JobClient job =
          jobs.start(LocalJobs.id('1'), job(2, new Ranges(3, 60_000, false), unaligned, output));
      JobClient.Result result = job.await();
      assertThat(result.getAllAccumulatorResults()).containsEntry("emitted", 180_000L);
    }
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertNumbers(output, 180_000);
  }

  @Test
  void stateIsDividedAnewWithAnotherParallelism(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(0);
    Optional<RestoreFrom> from = Optional.empty();
    try (var jobs = jobs()) {
      int life = 0;
      for (int parallelism : new int[] {2, 4, 1, 3}) {
        JobId id = LocalJobs.id((char) ('a' + life++));
        JobGraph graph = job(parallelism, new Ranges(8, 10_000, false), true, output);
        int before = output.records().size();
        SLOW.set(life < 4);
        JobClient job = jobs.start(id, graph, from);
        if (life == 4) {
          job.await();
        } else {
          Eventually.holds("more is committed", () -> output.records().size() > before + 100);
          String path = jobs.stop(id, ClientRequest.Then.STOP);
          from = Optional.of(new RestoreFrom(path, false));
        }
      }
    }
    assertNumbers(output, 80_000);
  }

  @Test
  void whatHasReturnedDoesNotRunAgain(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    RUNS.set(0);
    RUNS_OF_THE_FIRST.set(0);
    FAILURES_LEFT.set(2);
    COMPLETED.set(0);
    try (var jobs = jobs()) {
      JobGraph graph = job(2, new Ranges(2, 60_000, true), false, output);
      jobs.start(LocalJobs.id('2'), graph).await();
    }
    assertThat(output.records()).hasSize(60_010);
    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(RUNS_OF_THE_FIRST.get()).isEqualTo(1);
    // Both failures may have hit one attempt, so the other subtask ran at least twice.
    assertThat(RUNS.get()).isGreaterThanOrEqualTo(3);
  }

  /** Goes on until it is cancelled, and says goodbye. */
  private static final class Ticking implements SourceFunction<Long> {
    private volatile boolean cancelled;

    @Override
    public void run(SourceContext<Long> context) {
      for (long n = 0; !cancelled; n++) {
        context.collectWithTimestamp(n, n);
        context.emitWatermark(new Watermark(n - 1));
      }
      context.collectWithTimestamp(-1L, Long.MAX_VALUE / 2);
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  @Test
  void drainingEndsItAndFiresEveryWindow(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var env = LocalJobs.restarting(1);
    env.addSource(new Ticking())
        .uid("ticking")
        .map(n -> n < 0 ? "the last one" : "one of many")
        .uid("words")
        .keyBy(word -> word)
        .window(TumblingEventTimeWindows.of(Duration.ofMillis(1_000)))
        .reduce((one, other) -> one)
        .uid("windows")
        .sinkTo(output)
        .uid("lines");
    try (var jobs = jobs()) {
      JobId id = LocalJobs.id('3');
      JobClient job = jobs.start(id, env.getJobGraph());
      Eventually.holds("a window is committed", () -> !output.records().isEmpty());
      jobs.stop(id, ClientRequest.Then.DRAIN);
      job.await();
    }
    assertThat(output.records()).contains("the last one");
  }

  /** Fails at once, or never comes to an end. */
  private record Odd(boolean fails) implements SourceFunction<String> {
    private static final ConcurrentSkipListSet<String> WAITING = new ConcurrentSkipListSet<>();
    private static final ConcurrentSkipListSet<String> INTERRUPTED = new ConcurrentSkipListSet<>();

    @Override
    public void run(SourceContext<String> context) throws Exception {
      if (fails) {
        throw new IOException("no such queue: orders");
      }
      WAITING.add(Thread.currentThread().getName());
      try {
        new CountDownLatch(1).await();
      } finally {
        INTERRUPTED.add(Thread.currentThread().getName());
      }
    }

    @Override
    public void cancel() {}
  }

  @Test
  void aFailureNamesTheSourceAndTheLineOfTheUsers() throws Exception {
    var env = LocalJobs.restarting(1);
    env.set("restart-strategy.type", "none");
    env.addSource(new Odd(true), "orders").print();
    try (var jobs = jobs()) {
      JobClient job = jobs.start(LocalJobs.id('4'), env.getJobGraph());
      assertThatThrownBy(job::await)
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("Source: orders (subtask 0): java.io.IOException: no such queue");
    }
  }

  @Test
  void cancellingInterruptsIt() throws Exception {
    var env = LocalJobs.restarting(1);
    env.addSource(new Odd(false)).name("waiting").print();
    try (var jobs = jobs()) {
      JobClient job = jobs.start(LocalJobs.id('5'), env.getJobGraph());
      Eventually.holds("it runs", () -> Odd.WAITING.contains("waiting (1) run"));
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
      Eventually.holds("it was interrupted", () -> Odd.INTERRUPTED.contains("waiting (1) run"));
    }
  }

  @Test
  void drainingOneThatDoesNotListenFailsAndTheJobGoesOn() throws Exception {
    var env = LocalJobs.restarting(1);
    env.set("execution.checkpointing.timeout", "1 s");
    env.addSource(new Odd(false), "deaf").print();
    try (var jobs = jobs()) {
      JobClient job = jobs.start(LocalJobs.id('6'), env.getJobGraph());
      // One that has not begun ends at once.
      Eventually.holds("it runs", () -> Odd.WAITING.contains("Source: deaf (1) run"));
      assertThatThrownBy(() -> job.stopWithSavepoint(true, "memory:/savepoints").get())
          .hasMessageContaining("'Source: deaf' (subtask 0) has not ended within 1000 ms")
          .hasMessageContaining("cancel()");
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
    }
  }

  @Test
  void onlyAParallelOneHasManySubtasks() {
    var env = LocalJobs.restarting(4);
    assertThat(env.addSource(new Ranges(1, 1, false)).getParallelism()).isEqualTo(4);
    var one = env.addSource(new Ticking());
    assertThat(one.getParallelism()).isEqualTo(1);
    assertThatThrownBy(() -> one.setParallelism(2))
        .hasMessageContaining("Custom Source")
        .hasMessageContaining("ParallelSourceFunction");
    assertThat(one.getType().getTypeClass()).isEqualTo(Long.class);
  }

  private static void assertNumbers(CommittedOutput output, int count) {
    long[] sorted = output.records().stream().mapToLong(Long::parseLong).sorted().toArray();
    assertThat(sorted).hasSize(count);
    for (int i = 0; i < count; i++) {
      if (sorted[i] != i) {
        throw new AssertionError("expected " + i + ", found " + sorted[i]);
      }
    }
  }

  private LocalJobs jobs() {
    return new LocalJobs(store, getClass().getClassLoader());
  }
}
