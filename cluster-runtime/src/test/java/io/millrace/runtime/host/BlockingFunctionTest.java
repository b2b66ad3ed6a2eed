package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Functions that wait, on threads of their own. */
@Timeout(120)
class BlockingFunctionTest {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  /** Quick for many records, as a data base is that then becomes slow. */
  private static final class TurnsSlow extends RichMapFunction<Long, Long>
      implements CheckpointedFunction {
    static final int QUICK = 100_000;
    static final AtomicInteger SLOW_CALLS = new AtomicInteger();
    static final AtomicInteger AT_FIRST_CUT = new AtomicInteger();

    private long calls;

    static void reset() {
      SLOW_CALLS.set(0);
      AT_FIRST_CUT.set(-1);
    }

    @Override
    public Long map(Long n) {
      if (++calls > QUICK) {
        SLOW_CALLS.incrementAndGet();
        LockSupport.parkNanos(20_000_000); // the fault itself
      }
      return n;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      if (SLOW_CALLS.get() > 0) {
        AT_FIRST_CUT.compareAndSet(-1, SLOW_CALLS.get());
      }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBarrierThatOvertakesPassesSoonThoughCallsHaveBecomeSlow(boolean blocking) throws Exception {
    TurnsSlow.reset();
    StreamExecutionEnvironment env = LocalJobs.restarting(1);
    env.set("execution.checkpointing.unaligned.enabled", "true");
    var slow = env.fromSequence(0, 100_000_000).rebalance().map(new TurnsSlow()).name("slow");
    if (blocking) {
      slow.blocking();
    }
    slow.print();
    try (var jobs = new LocalJobs(store, getClass().getClassLoader())) {
      JobClient job = jobs.start(LocalJobs.id('1'), env.getJobGraph());

      Eventually.holds(
          "a cut among slow calls, or many of those",
          () -> TurnsSlow.AT_FIRST_CUT.get() > 0 || TurnsSlow.SLOW_CALLS.get() > 400);

      assertThat(TurnsSlow.AT_FIRST_CUT.get()).as("slow calls").isBetween(1, 200);
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
    }
  }

  /** Waits in its first call, and may not want to hear that it should not. */
  private static final class Waits extends RichMapFunction<Long, Long> {
    static volatile CountDownLatch entered;
    static volatile CountDownLatch release;
    static final AtomicBoolean DEAF = new AtomicBoolean();
    static final AtomicInteger INTERRUPTS = new AtomicInteger();
    static final AtomicInteger CALLS_AFTER = new AtomicInteger();
    static final AtomicInteger CLOSED = new AtomicInteger();

    static void reset(boolean deaf) {
      entered = new CountDownLatch(1);
      release = new CountDownLatch(1);
      DEAF.set(deaf);
      INTERRUPTS.set(0);
      CALLS_AFTER.set(0);
      CLOSED.set(0);
    }

    @Override
    public Long map(Long n) throws InterruptedException {
      if (INTERRUPTS.get() > 0) {
        CALLS_AFTER.incrementAndGet();
      }
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        INTERRUPTS.incrementAndGet();
        if (!DEAF.get()) {
          throw e;
        }
      }
      return n;
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
    }
  }

  /** Whoever makes nothing of an interrupt is not called again all the same. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancellingInterruptsTheCallThatWaits(boolean deaf) throws Exception {
    Waits.reset(deaf);
    StreamExecutionEnvironment env = LocalJobs.restarting(1);
    env.fromSequence(0, 100_000).rebalance().map(new Waits()).name("waits").blocking().print();
    try (var jobs = new LocalJobs(store, getClass().getClassLoader())) {
      JobClient job = jobs.start(LocalJobs.id('2'), env.getJobGraph());
      Waits.entered.await();
      job.cancel().get();
      assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
      Eventually.holds("closed", () -> Waits.CLOSED.get() == 1);
    }
    assertThat(Waits.INTERRUPTS).hasValue(1);
    assertThat(Waits.CALLS_AFTER).hasValue(0);
  }

  /** Tries again when it was interrupted, then passes the interrupt on; waits while it closes. */
  private static final class Insists extends RichMapFunction<Long, Long> {
    static volatile CountDownLatch entered;
    static final AtomicInteger CLOSED = new AtomicInteger();

    private final int tries;

    Insists(int tries) {
      this.tries = tries;
      entered = new CountDownLatch(1);
      CLOSED.set(0);
    }

    @Override
    public Long map(Long n) {
      for (int left = tries; ; left--) {
        try {
          entered.countDown();
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          if (left == 1) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
          }
        }
      }
    }

    @Override
    public void close() throws InterruptedException {
      new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
      CLOSED.incrementAndGet();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whateverAFunctionMakesOfInterruptsItEndsAndClosesInPeace(int tries) throws Exception {
    StreamExecutionEnvironment env = LocalJobs.restarting(1);
    env.fromSequence(0, 100_000).rebalance().map(new Insists(tries)).blocking().print();
    try (var jobs = new LocalJobs(store, getClass().getClassLoader())) {
      JobClient job = jobs.start(LocalJobs.id('4'), env.getJobGraph());
      Insists.entered.await();
      job.cancel().get();
      Eventually.holds("closed", Duration.ofSeconds(30), () -> Insists.CLOSED.get() == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSavepointWaitsForTheCallAndHoldsWhatItReturned(boolean blocking, TestInfo test)
      throws Exception {
    Waits.reset(false);
    var output = new CommittedOutput(test.getDisplayName());
    StreamExecutionEnvironment env = LocalJobs.restarting(1);
    var waits =
        env.fromGenerator(n -> n, Long.MAX_VALUE, 1000).rebalance().map(new Waits()).name("waits");
    if (blocking) {
      waits.blocking();
    }
    waits.map(n -> "record " + n).sinkTo(output);
    try (var jobs = new LocalJobs(store, getClass().getClassLoader())) {
      JobClient job = jobs.start(LocalJobs.id('3'), env.getJobGraph());
      Waits.entered.await();
      var stopping = job.stopWithSavepoint(false, "memory:/savepoints");
      Waits.release.countDown();
      stopping.get();
      job.await();
    }
    assertThat(Waits.INTERRUPTS).hasValue(0);
    List<String> records = output.records();
    assertThat(records)
        .isNotEmpty()
        .isEqualTo(IntStream.range(0, records.size()).mapToObj(n -> "record " + n).toList());
  }
}
