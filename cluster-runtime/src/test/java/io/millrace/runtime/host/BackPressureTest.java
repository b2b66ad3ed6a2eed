package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.MapFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.MemoryNames;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** A job whose consumer takes a record only when it is let. */
@Timeout(120)
class BackPressureTest {
  private static final JobId JOB = LocalJobs.id('a');
  private static final int KEYS = 7;

  /** More than one step of a task takes, and far less than finds room before it. */
  private static final int FEW = 600;

  private static final Semaphore PERMITS = new Semaphore(0);
  private static final AtomicLong EMITTED = new AtomicLong();

  /** Checkpoints that have begun: where nothing waits, and behind the source that is held up. */
  private static final AtomicInteger BEGUN = new AtomicInteger();

  private static final AtomicInteger SENT = new AtomicInteger();

  private MemoryCheckpointStore store;
  private LocalJobs jobs;

  @BeforeEach
  void start() {
    PERMITS.drainPermits();
    EMITTED.set(0);
    BEGUN.set(0);
    SENT.set(0);
    store = new MemoryCheckpointStore();
    jobs = new LocalJobs(store, getClass().getClassLoader());
  }

  @AfterEach
  void end() {
    PERMITS.release(1_000_000);
    jobs.close();
  }

  /** Counts each key's records, one for each permit. */
  private static final class Slow extends KeyedProcessFunction<Long, Long, String> {
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
    }

    @Override
    public void processElement(Long value, Context context, Collector<String> out)
        throws Exception {
      PERMITS.acquire();
      long now = count.value() == null ? 1 : count.value() + 1;
      count.update(now);
      out.collect(value % KEYS + "=" + now);
    }
  }

  /** Tells when it cuts, and counts records if it is the one behind the source. */
  private static final class Herald implements MapFunction<Long, Long>, CheckpointedFunction {
    private final boolean first;

    Herald(boolean first) {
      this.first = first;
    }

    @Override
    public Long map(Long value) {
      (first ? EMITTED : new AtomicLong()).incrementAndGet();
      return value;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      (first ? SENT : BEGUN).incrementAndGet();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
  }

  private static JobGraph job(CommittedOutput output, boolean unaligned, int slow) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setMaxParallelism(8);
    env.set("execution.checkpointing.interval", "1 s");
    env.set("execution.checkpointing.unaligned.enabled", "" + unaligned);
    env.set("exchange.batch.records", "64");
    env.set("exchange.channel.batches", "128");
    // More at once than channels take whose batches are as small as the consumer is slow.
    env.fromSequence(0, 3)
        .uid("numbers")
        .<Long>flatMap(
            (number, out) ->
                LongStream.range(5_000 * number, 5_000 * (number + 1)).forEach(out::collect))
        .uid("more numbers")
        .map(new Herald(true))
        .uid("emitted")
        .keyBy(value -> value % KEYS)
        .process(new Slow())
        .setParallelism(slow)
        .uid("slow")
        .slotSharingGroup("slow")
        .sinkTo(output)
        .setParallelism(slow)
        .uid("lines");
    env.fromGenerator(index -> index, 1, 1)
        .uid("one")
        .slotSharingGroup("herald")
        .map(new Herald(false))
        .uid("herald")
        .map(value -> "herald " + value)
        .sinkTo(output)
        .uid("heralds");
    return env.getJobGraph();
  }

  private boolean checkpointed() {
    MemoryNames names = store.names(store.directoryOf(JOB));
    return names.list("epochs").stream()
        .flatMap(epoch -> names.list("epochs/" + epoch.name()).stream())
        .anyMatch(fact -> fact.name().startsWith("manifest-"));
  }

  /** Waits until a checkpoint has begun and much is before it, then lets a few records pass. */
  private static void letFewPass(boolean unaligned) {
    Eventually.holds("many wait", () -> EMITTED.get() > 8 * FEW);
    Eventually.holds("a checkpoint begins", () -> BEGUN.get() > 0);
    if (unaligned) {
      Eventually.holds("the source, though held up, cuts", () -> SENT.get() > 0);
    }
    PERMITS.release(FEW);
    Eventually.holds(
        "they have passed, and the next one waits",
        () -> PERMITS.availablePermits() == 0 && PERMITS.hasQueuedThreads());
  }

  /**
   * The few records may have passed before the barrier was there to be seen between two of them;
   * then some more do, far from all that it has overtaken.
   */
  private void awaitCheckpointWhileMostWaits() {
    var more = new AtomicInteger();
    Eventually.holds(
        "a checkpoint completes",
        () -> {
          if (PERMITS.availablePermits() == 0 && more.get() < 3 * FEW) {
            more.incrementAndGet();
            PERMITS.release();
          }
          return checkpointed();
        });
  }

  @Test
  void anAlignedCheckpointWaitsForAllThatIsBeforeIt(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    JobClient job = jobs.start(JOB, job(output, false, 1));
    letFewPass(false);
    assertThat(checkpointed()).isFalse();

    PERMITS.release(1_000_000);
    job.await();
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected());
  }

  @Test
  void anUnalignedCheckpointCompletesWhileNearlyAllWaits(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    JobClient job = jobs.start(JOB, job(output, true, 1));
    letFewPass(true);
    awaitCheckpointWhileMostWaits();

    PERMITS.release(1_000_000);
    job.await();
    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected());
  }

  /** A source that has ended, and its subtasks, pass on the checkpoints of the others. */
  @Test
  void checkpointsGoOnWhenASourceHasEndedAndAreRestored(TestInfo test) throws Exception {
    for (boolean unaligned : new boolean[] {false, true}) {
      var output = new CommittedOutput(test.getDisplayName() + unaligned);
      SENT.set(0);
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.setParallelism(2);
      env.set("execution.checkpointing.interval", "30 ms");
      env.set("execution.checkpointing.unaligned.enabled", "" + unaligned);
      env.set("restart-strategy.type", "fixed-delay");
      env.set("restart-strategy.fixed-delay.attempts", "10");
      env.set("restart-strategy.fixed-delay.delay", "10 ms");
      var ends = env.fromSequence(1, 50);
      var goesOn = env.fromGenerator(index -> 1_000_000 + index, Long.MAX_VALUE, 2_000);
      ends.union(goesOn)
          .keyBy(value -> value % KEYS)
          .map(
              value -> {
                if (value > 1_000_000 && SENT.get() == 1 && SENT.compareAndSet(1, 2)) {
                  throw new IllegalStateException("injected");
                }
                return "" + value;
              })
          .sinkTo(output);
      JobId id = LocalJobs.id(unaligned ? 'c' : 'd');
      JobClient job = jobs.start(id, env.getJobGraph());
      Eventually.holds(
          "the source that ends has ended, and the other one goes on",
          () -> numbers(output, false) == 50 && numbers(output, true) > 0);
      SENT.set(1);
      Eventually.holds("a task fails", () -> SENT.get() == 2);
      long before = numbers(output, true);
      Eventually.holds("it goes on", () -> numbers(output, true) > before + 500);
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);

      assertThat(output.records()).doesNotHaveDuplicates();
      assertThat(numbers(output, false)).isEqualTo(50);
      List<Long> seen =
          output.records().stream()
              .map(Long::parseLong)
              .filter(n -> n >= 1_000_000)
              .sorted()
              .toList();
      assertThat(seen.get(0)).isEqualTo(1_000_000);
    }
  }

  private static long numbers(CommittedOutput output, boolean large) {
    return output.records().stream().filter(text -> text.length() > 6 == large).count();
  }

  /** Everything that was in flight is counted, once, by the subtask that its key has now. */
  @Test
  void whatWasInFlightGoesOnWithAnotherParallelism(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    JobClient first = jobs.start(JOB, job(output, true, 1));
    letFewPass(true);
    awaitCheckpointWhileMostWaits();
    first.cancel().get();
    PERMITS.release(1_000_000);
    assertThatThrownBy(first::await).isInstanceOf(JobFailedException.class);

    JobClient second =
        jobs.start(
            LocalJobs.id('b'),
            job(output, true, 3),
            Optional.of(new RestoreFrom(store.directoryOf(JOB), false)));
    second.await();

    assertThat(output.records()).containsExactlyInAnyOrderElementsOf(expected());
  }

  private static List<String> expected() {
    var expected = new ArrayList<String>();
    for (long value = 0; value < 20_000; value++) {
      expected.add(value % KEYS + "=" + (value / KEYS + 1));
    }
    expected.add("herald 0");
    return expected;
  }
}
