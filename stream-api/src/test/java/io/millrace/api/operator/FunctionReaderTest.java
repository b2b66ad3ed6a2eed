package io.millrace.api.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Source.EnumeratorContext;
import io.millrace.api.connector.Source.ReaderContext;
import io.millrace.api.connector.SourceReader.Progress;
import io.millrace.api.connector.SourceReader.ReadClock;
import io.millrace.api.eventtime.Watermark;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.source.function.FunctionSource;
import io.millrace.api.type.TypeInformation;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source function and the task that reads it, each on its thread. */
@Timeout(60)
class FunctionReaderTest {
  private static final ReadClock CLOCK = new ReadClock(0, 0);

  private Driven<?> driven;

  /** The reader of a function, driven by hand. */
  private static final class Driven<T> {
    final Bench<T, T> bench = new Bench<>(Operators.filter(value -> true));
    final ReaderTime<T> output =
        new ReaderTime<>(WatermarkStrategy.noWatermarks(), bench, 0, Configuration.EMPTY);
    final FunctionReader<T, Object> reader;

    @SuppressWarnings("unchecked") // the splits are the source's own
    Driven(SourceFunction<T> function, Class<T> type) throws Exception {
      var source = new FunctionSource<T>(function, TypeInformation.of(type));
      var loader = FunctionReaderTest.class.getClassLoader();
      reader =
          (FunctionReader<T, Object>)
              (FunctionReader<T, ?>) source.reader(new ReaderContext("uid", 1, 2, loader));
      reader.open(bench);
      var enumerator = source.enumerator(new EnumeratorContext("uid", 2, loader), Optional.empty());
      reader.add(enumerator.next(1).orElseThrow());
    }

    Progress poll(int limit) throws Exception {
      return reader.poll(output, limit, CLOCK);
    }

    /** Polls until the function has ended. */
    void pollAll() throws Exception {
      Progress progress = poll(100);
      while (progress != Progress.NEED_SPLIT) {
        if (progress == Progress.WAITING) {
          until(reader::stirred);
        }
        progress = poll(100);
      }
    }

    Thread thread() {
      return Thread.getAllStackTraces().keySet().stream()
          .filter(each -> each.getName().equals(bench.operatorName() + " (2) run"))
          .findFirst()
          .orElseThrow();
    }
  }

  private <T> Driven<T> drive(SourceFunction<T> function, Class<T> type) throws Exception {
    var made = new Driven<>(function, type);
    driven = made;
    return made;
  }

  private static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void close() throws Exception {
    driven.reader.close();
  }

  private abstract static class Endless<T> implements SourceFunction<T> {
    volatile boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  /** Three records and the state that goes with them make a section. */
  private static final class Triples extends Endless<Long> implements CheckpointedFunction {
    private final boolean stateFirst;
    private final boolean keepsLock;
    private long sections;
    private long cut;

    Triples(boolean stateFirst, boolean keepsLock) {
      this.stateFirst = stateFirst;
      this.keepsLock = keepsLock;
    }

    @Override
    public void run(SourceContext<Long> context) {
      Object lock = context.getCheckpointLock();
      while (!cancelled) {
        synchronized (keepsLock ? lock : context.getCheckpointLock()) {
          sections += stateFirst ? 1 : 0;
          for (int i = 0; i < 3; i++) {
            context.collect(sections);
          }
          sections += stateFirst ? 0 : 1;
        }
      }
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
      cut = sections;
    }
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void cutsBetweenSectionsHoweverFullItIs(boolean stateFirst, boolean keepsLock) throws Exception {
    var random = new SplittableRandom(7);
    var function = new Triples(stateFirst, keepsLock);
    var driven = drive(function, Long.class);
    Thread thread = driven.thread();
    long emitted = 0;
    for (int cut = 1; cut <= (keepsLock ? 8 : 30); cut++) {
      if (random.nextBoolean()) {
        // It waits in the midst of a section: there is room for no multiple of three.
        until(() -> thread.getState() == Thread.State.WAITING);
      } else {
        driven.poll(random.nextInt(2_000));
      }
      driven.reader.freeze(cut, driven.output);
      emitted += driven.bench.records.size();
      driven.bench.records.clear();
      driven.bench.events.clear();
      assertThat(driven.reader.snapshot()).hasSize(1);
      assertThat(emitted).isEqualTo(3 * function.cut);
    }
    driven.reader.close();
    assertThat(thread.isAlive()).isFalse();
  }

  /** Goes on with its second section once its state is cut behind the first. */
  private static final class TwoSections extends Endless<Long> implements CheckpointedFunction {
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch emitting = new CountDownLatch(1);
    private final CountDownLatch cut = new CountDownLatch(1);
    private final CountDownLatch second = new CountDownLatch(1);

    @Override
    public void run(SourceContext<Long> context) throws Exception {
      Object lock = context.getCheckpointLock();
      synchronized (lock) {
        context.collect(1L);
        context.collect(2L);
      }
      first.countDown();
      cut.await();
      synchronized (lock) {
        context.collect(3L);
      }
      second.countDown();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {}

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      emitting.await();
      cut.countDown();
    }
  }

  /** The task is about to emit when the cut is made, and is held up for as long as that takes. */
  @Test
  void whatComesBehindTheCutStaysBehindTheBarrier() throws Exception {
    var function = new TwoSections();
    var driven = drive(function, Long.class);
    function.first.await();
    driven.bench.onRecord =
        record -> {
          function.emitting.countDown();
          until(() -> function.second.getCount() == 0);
        };
    driven.reader.freeze(1, driven.output);
    assertThat(driven.bench.records).containsExactly(1L, 2L);
    driven.pollAll();
    assertThat(driven.bench.records).containsExactly(1L, 2L, 3L);
  }

  /** Collects without the lock, too fast for anybody. */
  private static final class Unlocked extends Endless<Long> {
    @Override
    public void run(SourceContext<Long> context) {
      for (long n = 0; !cancelled; n++) {
        context.collect(n);
      }
    }
  }

  @Test
  void aFunctionWithoutLockDoesNotKeepBarriersOut() throws Exception {
    var driven = drive(new Unlocked(), Long.class);
    for (int cut = 1; cut <= 100; cut++) {
      driven.reader.freeze(cut, driven.output);
      driven.poll(10);
    }
    for (int i = 0; i < driven.bench.records.size(); i++) {
      assertThat(driven.bench.records.get(i)).isEqualTo(i);
    }
  }

  @Test
  void recordsTimesAndMarksLeaveInTheirOrder() throws Exception {
    var driven =
        drive(
            new Endless<String>() {
              @Override
              public void run(SourceContext<String> context) {
                context.collect("a");
                context.collectWithTimestamp("b", 20);
                context.emitWatermark(new Watermark(15));
                context.markAsTemporarilyIdle();
                context.collectWithTimestamp("c", 30);
              }
            },
            String.class);
    driven.pollAll();
    assertThat(driven.bench.events).containsExactly("a", "b@20", "W(15)", "idle", "awake", "c@30");
    driven.reader.freeze(1, driven.output);
    assertThat(driven.reader.snapshot()).as("it does not run again").isEmpty();
  }

  @Test
  void aRecordMayBeUsedAgainOnceItIsCollected() throws Exception {
    var driven =
        drive(
            new Endless<long[]>() {
              @Override
              public void run(SourceContext<long[]> context) {
                var record = new long[1];
                for (int i = 0; i < 10; i++) {
                  record[0] = i;
                  context.collect(record);
                }
              }
            },
            long[].class);
    driven.pollAll();
    assertThat(driven.bench.records)
        .extracting(each -> each[0])
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
  }

  @Test
  void whatRunThrowsComesBehindWhatItHasCollected() throws Exception {
    var driven =
        drive(
            new Endless<Long>() {
              @Override
              public void run(SourceContext<Long> context) throws Exception {
                context.collect(1L);
                throw new java.io.IOException("the line is dead");
              }
            },
            Long.class);
    assertThatThrownBy(driven::pollAll)
        .isInstanceOf(java.io.IOException.class)
        .hasMessage("the line is dead")
        .satisfies(
            thrown ->
                assertThat(thrown.getStackTrace()[0].getClassName())
                    .startsWith(FunctionReaderTest.class.getName()));
    assertThat(driven.bench.records).containsExactly(1L);
  }

  @Test
  void drainingEndsItWithAllThatItHasCollected() throws Exception {
    var function =
        new Endless<Long>() {
          @Override
          public void run(SourceContext<Long> context) {
            long n = 0;
            while (!cancelled) {
              context.collect(n++);
            }
            context.collect(-n);
          }
        };
    var driven = drive(function, Long.class);
    driven.poll(10);
    driven.reader.drain();
    driven.pollAll();
    int size = driven.bench.records.size();
    assertThat(driven.bench.records.get(size - 1)).isEqualTo(1 - size);
  }

  /** Holds the lock and waits for what never comes. */
  private static final class Stuck extends Endless<Long> {
    private final CountDownLatch holds = new CountDownLatch(1);
    private volatile boolean interrupted;

    @Override
    public void run(SourceContext<Long> context) {
      synchronized (context.getCheckpointLock()) {
        holds.countDown();
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
  }

  @Test
  void cancellingGetsThroughToAFunctionThatKeepsTheLock() throws Exception {
    var function = new Stuck();
    var driven = drive(function, Long.class);
    function.holds.await();
    var thrown = new AtomicReference<Throwable>();
    var task =
        new Thread(
            () -> {
              try {
                driven.reader.freeze(1, driven.output);
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    task.start();
    // The task must not wait for the lock itself, as nobody could wake it.
    until(() -> task.getState() == Thread.State.TIMED_WAITING);
    task.interrupt();
    task.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    driven.reader.close();
    assertThat(function.cancelled).isTrue();
    assertThat(function.interrupted).isTrue();
  }

  @Test
  void closingEndsAFunctionThatWaitsForRoomOrForWhatNeverComes() throws Exception {
    var full = drive(new Unlocked(), Long.class);
    Thread filling = full.thread();
    until(() -> filling.getState() == Thread.State.WAITING);
    full.reader.close();
    assertThat(filling.isAlive()).isFalse();

    var waiting =
        drive(
            new Endless<Long>() {
              @Override
              public void run(SourceContext<Long> context) throws Exception {
                new CountDownLatch(1).await();
              }
            },
            Long.class);
    Thread inVain = waiting.thread();
    waiting.reader.close();
    assertThat(inVain.isAlive()).isFalse();
  }
}
