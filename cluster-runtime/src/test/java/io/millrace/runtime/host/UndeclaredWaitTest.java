package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.AsyncDataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.executor.JobStatus;
import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.ResultFuture;
import io.millrace.api.function.RichMapFunction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Code that waits for ever in a thread that it shares, as nobody said that it waits. It is
 * interrupted when its task is cancelled; the TaskManager and all else that runs there live on.
 */
@Timeout(120)
class UndeclaredWaitTest {
  /** Where a job waits. */
  private enum Place {
    OPEN,
    MAP,
    /** In a call that begins to wait anew when it is interrupted, twice. */
    DEAF_MAP,
    /** For a monitor that is never told. */
    MONITOR,
    TIMER,
    CUT,
    WRITE,
    POLL,
    ENUMERATE,
    ASYNC
  }

  private static final AtomicInteger WAITING = new AtomicInteger();
  private static final ConcurrentLinkedQueue<Boolean> CLOSED_INTERRUPTED =
      new ConcurrentLinkedQueue<>();

  private static void waitIf(boolean here) throws InterruptedException {
    if (here) {
      WAITING.incrementAndGet();
      new CountDownLatch(1).await();
    }
  }

  /** Calls of all kinds, one of which waits. */
  private static final class Function extends RichMapFunction<Long, Long>
      implements CheckpointedFunction {
    private final Place place;

    Function(Place place) {
      this.place = place;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void open(OpenContext context) throws InterruptedException {
      waitIf(place == Place.OPEN);
    }

    @Override
    public Long map(Long n) throws InterruptedException {
      waitIf(place == Place.MAP);
      for (int left = place == Place.DEAF_MAP ? 2 : 0; left > 0; left--) {
        try {
          waitIf(true);
        } catch (InterruptedException e) {
          assertThat(left).isPositive(); // and waits anew
        }
      }
      if (place == Place.MONITOR) {
        synchronized (this) {
          WAITING.incrementAndGet();
          wait();
        }
      }
      return n;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws InterruptedException {
      waitIf(place == Place.CUT);
    }

    @Override
    public void close() {
      CLOSED_INTERRUPTED.add(Thread.currentThread().isInterrupted());
    }
  }

  private static final class OnTime extends KeyedProcessFunction<Long, Long, Long> {
    private final Place place;

    OnTime(Place place) {
      this.place = place;
    }

    @Override
    public void processElement(Long value, Context context, Collector<Long> out) {
      context.timerService().registerProcessingTimeTimer(1);
      out.collect(value);
    }

    @Override
    public void onTimer(long timeMillis, OnTimerContext context, Collector<Long> out)
        throws InterruptedException {
      waitIf(place == Place.TIMER);
    }
  }

  /** Asks for nothing, and answers at once. */
  private record Asks(Place place) implements AsyncFunction<Long, Long> {
    @Override
    public void asyncInvoke(Long input, ResultFuture<Long> future) throws InterruptedException {
      waitIf(place == Place.ASYNC);
      future.complete(List.of(input));
    }
  }

  private record Writes(Place place) implements Sink<Long> {
    @Override
    public SinkWriter<Long> writer(WriterContext context) {
      return (value, timestamp) -> waitIf(place == Place.WRITE);
    }
  }

  /** One split for each reader, in which numbers never end. */
  private record Numbers(Place place) implements Source<Long, Integer> {
    @Override
    public boolean bounded() {
      return false;
    }

    @Override
    public Class<Integer> splitType() {
      return Integer.class;
    }

    @Override
    public SplitEnumerator<Integer> enumerator(EnumeratorContext context, Optional<byte[]> past) {
      return new SplitEnumerator<>() {
        @Override
        public Optional<Integer> next(int reader) throws InterruptedException {
          waitIf(place == Place.ENUMERATE);
          return Optional.of(reader);
        }

        @Override
        public boolean finishedFor(int reader) {
          return false;
        }

        @Override
        public byte[] snapshot() {
          return new byte[0];
        }
      };
    }

    @Override
    public SourceReader<Long, Integer> reader(ReaderContext context) {
      return new SourceReader<>() {
        private Integer split;

        @Override
        public void add(Integer given) {
          split = given;
        }

        @Override
        public Progress poll(ReaderOutput<Long> output, int limit, ReadClock clock)
            throws InterruptedException {
          if (split == null) {
            return Progress.NEED_SPLIT;
          }
          waitIf(place == Place.POLL);
          output.collect(1L, clock.wallMillis());
          return Progress.WAITING;
        }

        @Override
        public List<Integer> snapshot() {
          return split == null ? List.of() : List.of(split);
        }
      };
    }
  }

  private static final AtomicLong OTHERS_RECORDS = new AtomicLong();

  private final LocalCluster cluster =
      LocalCluster.start(
          new Configuration(
              Map.of("taskmanager.numberOfTaskSlots", "4", "task.cancellation.timeout", "10 s")));

  /** Ends if the TaskManager does. */
  private JobClient other() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    env.set("restart-strategy.type", "none");
    env.fromGenerator(n -> n, Long.MAX_VALUE, 1_000)
        .map(n -> OTHERS_RECORDS.incrementAndGet())
        .sinkTo(new Writes(null));
    return cluster.submit(env.getJobGraph());
  }

  private void goesOn(JobClient other) throws Exception {
    assertThat(other.getJobStatus().get()).isEqualTo(JobStatus.RUNNING);
    long before = OTHERS_RECORDS.get();
    Eventually.holds("the other job goes on", () -> OTHERS_RECORDS.get() > before);
    assertThat(cluster.longestSteps()).as("slots").hasSize(4);
  }

  @ParameterizedTest
  @EnumSource
  void cancellingEndsAJobThatWaits(Place place) throws Exception {
    WAITING.set(0);
    CLOSED_INTERRUPTED.clear();
    try (cluster) {
      JobClient other = other();
      var env = LocalJobs.restarting(2);
      var numbers =
          env.fromSource(new Numbers(place), WatermarkStrategy.noWatermarks(), "numbers")
              .returns(Long.class);
      AsyncDataStream.orderedWait(numbers, new Asks(place), 1, TimeUnit.HOURS)
          .returns(Long.class)
          .map(new Function(place))
          .keyBy(n -> n)
          .process(new OnTime(place))
          .sinkTo(new Writes(place));
      JobClient job = cluster.submit(env.getJobGraph());
      Eventually.holds("waits", () -> WAITING.get() > 0);

      job.cancel().get();

      assertThatThrownBy(job::await)
          .isInstanceOfSatisfying(
              JobFailedException.class, e -> assertThat(e.cancelled()).isTrue());
      assertThat(job.getJobStatus().get()).isEqualTo(JobStatus.CANCELED);
      goesOn(other);
      assertThat(CLOSED_INTERRUPTED).doesNotContain(true);
    }
  }

  /** Of the first generation one subtask waits and the other fails. */
  private static final class WaitsOrFails extends RichMapFunction<Long, String> {
    @Override
    public String map(Long n) throws InterruptedException {
      if (getRuntimeContext().getTaskInfo().getAttemptNumber() > 0) {
        return "record " + n;
      }
      waitIf(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0);
      Eventually.holds("the other one waits", () -> WAITING.get() > 0);
      throw new IllegalStateException("injected");
    }
  }

  @Test
  void aFailureElsewhereRestartsAJobThatWaits() throws Exception {
    WAITING.set(0);
    var output = new CommittedOutput("a failure elsewhere");
    try (cluster) {
      JobClient other = other();
      var env = LocalJobs.restarting(2);
      env.fromSequence(1, 100).rebalance().map(new WaitsOrFails()).sinkTo(output);
      JobClient job = cluster.submit(env.getJobGraph());

      job.await();

      assertThat(output.records()).hasSize(100).doesNotHaveDuplicates();
      goesOn(other);
    }
  }
}
