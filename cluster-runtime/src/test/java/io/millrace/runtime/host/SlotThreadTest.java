package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.type.Serializer;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Exchange.Peer;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.TaskCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlotThreadTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final Peer SELF = new Peer("self", "localhost", 1);

  private final List<SlotThread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<AttemptId> ended = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> metrics = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> warnings = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Throwable> crash = new AtomicReference<>();

  private SlotThread thread() {
    StepTimes times = new StepTimes("test-slot", Duration.ZERO, metrics::add, warnings::add);
    var thread =
        new SlotThread(
            "test-slot", false, 0, times, ended::add, (attempt, failure) -> crash.set(failure));
    threads.add(thread);
    return thread;
  }

  private static AttemptId attempt(int chain, int subtask) {
    return new AttemptId(JOB, 0, 1, chain, subtask);
  }

  @AfterEach
  void close() {
    threads.forEach(SlotThread::close);
  }

  /** Sends numbers through a channel of one batch, one record each. */
  private static final class Counter extends ScriptedTask {
    private final OutChannel out;
    private final long count;
    private long next;

    Counter(OutChannel out, long count) {
      this.out = out;
      this.count = count;
    }

    @Override
    public Progress step(Clock now, int budget, BooleanSupplier over) {
      if (next == count) {
        return Progress.DONE;
      }
      if (!out.hasCredit()) {
        return Progress.BLOCKED;
      }
      out.send(new Batch(new Object[] {next++}, new long[1], 1));
      return Progress.WORKED;
    }
  }

  /** Passes on what comes, or only counts it where it goes nowhere. */
  private static final class Relay extends ScriptedTask {
    private final InChannel in;
    private final OutChannel out;
    private final AtomicLong seen;
    private final AtomicLong longestGapNanos;
    private final long count;
    private long passed;
    private long lastNanos = System.nanoTime();

    Relay(InChannel in, OutChannel out, long count, AtomicLong seen, AtomicLong longestGapNanos) {
      this.in = in;
      this.out = out;
      this.count = count;
      this.seen = seen;
      this.longestGapNanos = longestGapNanos;
    }

    @Override
    public Progress step(Clock now, int budget, BooleanSupplier over) {
      if (passed == count) {
        return Progress.DONE;
      }
      if (out != null && !out.hasCredit()) {
        return Progress.BLOCKED;
      }
      var batch = (Batch) in.poll();
      if (batch == null) {
        return Progress.IDLE;
      }
      if ((long) batch.value(0) != passed) {
        throw new IllegalStateException("expected " + passed + ", got " + batch.value(0));
      }
      passed++;
      long nanos = System.nanoTime();
      longestGapNanos.accumulateAndGet(nanos - lastNanos, Math::max);
      lastNanos = nanos;
      if (out != null) {
        out.send(batch);
      } else {
        seen.incrementAndGet();
      }
      return Progress.WORKED;
    }
  }

  /**
   * Nothing wakes these threads but each other, and each element needs wake-ups in both directions:
   * after one that is lost nothing comes until a timer helps, when ten seconds have passed.
   */
  @Test
  void noWakeUpIsLostBetweenThreadsThatParkAllTheTime() {
    int lines = 3;
    long count = 20_000;
    var exchange = new LocalExchange();
    var seen = new AtomicLong();
    var longestGapNanos = new AtomicLong();
    for (int line = 0; line < lines; line++) {
      SlotThread first = thread();
      SlotThread second = thread();
      SlotThread third = thread();
      var toSecond = spec(0, line);
      var toThird = spec(1, line);
      var counter = new Counter(exchange.openOut(toSecond, SELF, first), count);
      var relay =
          new Relay(
              exchange.openIn(toSecond, SELF, second),
              exchange.openOut(toThird, SELF, second),
              count,
              seen,
              longestGapNanos);
      var end =
          new Relay(exchange.openIn(toThird, SELF, third), null, count, seen, longestGapNanos);
      third.start(attempt(2, line), end);
      first.start(attempt(0, line), counter);
      second.start(attempt(1, line), relay);
    }
    var last = new AtomicLong();
    Eventually.holds(
        "everything arrives",
        Duration.ofMinutes(5),
        () -> {
          last.set(seen.get());
          return last.get() == lines * count;
        });
    Eventually.holds("all tasks end", () -> ended.size() == 3 * lines);
    assertThat(crash.get()).isNull();
    assertThat(Duration.ofNanos(longestGapNanos.get())).isLessThan(Duration.ofSeconds(9));
  }

  @Test
  void stepsDownstreamFirst() {
    var order = new ConcurrentLinkedQueue<Integer>();
    SlotThread thread = thread();
    var gate = new CountDownLatch(1);
    thread.start(
        attempt(9, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            awaitQuietly(gate);
            return Progress.DONE;
          }
        });
    for (int chain : List.of(1, 3, 0, 2)) {
      thread.start(
          attempt(chain, 0),
          new ScriptedTask() {
            @Override
            public Progress step(Clock now, int budget, BooleanSupplier over) {
              order.add(chain);
              return Progress.DONE;
            }
          });
    }
    gate.countDown();
    Eventually.holds("all done", () -> order.size() == 4);
    assertThat(order).containsExactly(3, 2, 1, 0);
  }

  @Test
  void aParkedThreadWakesForTimesAndCommands() {
    var steps = new AtomicInteger();
    var commands = new ConcurrentLinkedQueue<TaskCommand>();
    long due = Clocks.now().monotonicMillis() + 150;
    var firstStepAfter = new AtomicLong();
    SlotThread thread = thread();
    thread.start(
        attempt(0, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            steps.incrementAndGet();
            if (now.monotonicMillis() >= due && firstStepAfter.get() == 0) {
              firstStepAfter.set(now.monotonicMillis());
            }
            return commands.isEmpty() ? Progress.IDLE : Progress.DONE;
          }

          @Override
          public long wakeAtMillis() {
            return firstStepAfter.get() == 0 ? due : Long.MAX_VALUE;
          }

          @Override
          public void receive(TaskCommand command) {
            commands.add(command);
          }
        });
    Eventually.holds("woken by time", () -> firstStepAfter.get() != 0);
    // Without a time of its own a thread sleeps for longer.
    assertThat(firstStepAfter.get() - due).isLessThan(5_000);
    assertThat(steps.get()).isLessThan(1000);
    thread.command(attempt(0, 0), new TaskCommand.Cancel());
    Eventually.holds("ended", () -> ended.contains(attempt(0, 0)));
    assertThat(commands).containsExactly(new TaskCommand.Cancel());
  }

  @Test
  void theBudgetShrinksForSlowTasksAndGrowsForFastOnes() {
    var slow = new AtomicInteger(Integer.MAX_VALUE);
    var fast = new AtomicInteger();
    SlotThread thread = thread();
    thread.start(
        attempt(0, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            slow.set(budget);
            long end = System.nanoTime() + 3_000_000;
            while (System.nanoTime() < end) {
              Thread.onSpinWait();
            }
            return budget == 1 ? Progress.DONE : Progress.WORKED;
          }
        });
    Eventually.holds("small", () -> slow.get() == 1);
    thread.start(
        attempt(0, 1),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            fast.set(budget);
            return budget >= 4096 ? Progress.DONE : Progress.WORKED;
          }
        });
    Eventually.holds("large", () -> fast.get() >= 4096);
    assertThat(thread.times().longest().nanos()).isGreaterThan(2_900_000);
    assertThat(thread.times().longest().operators()).isEqualTo("Scripted");
  }

  @Test
  void theLongestStepIsToldWhenTheLastTaskEndsAndALongOneAtOnce() {
    SlotThread thread = thread();
    thread.start(
        attempt(0, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            long millis = budget == 1 ? 60 : 3; // too long for one record, and for many
            long end = System.nanoTime() + millis * 1_000_000;
            while (System.nanoTime() < end) {
              Thread.onSpinWait();
            }
            return budget == 1 ? Progress.DONE : Progress.WORKED;
          }
        });
    Eventually.holds("told", () -> !metrics.isEmpty());
    assertThat(metrics).hasSize(1);
    assertThat(metrics.peek())
        .matches(
            "slot 'test-slot' longestStepMillis=[6-9]\\d.* longestStepOperators='Scripted' \\[.*\\]|"
                + "slot 'test-slot' longestStepMillis=\\d{3,}.*'Scripted' \\[.*\\]");
    assertThat(warnings).hasSize(1);
    assertThat(warnings.peek()).contains("One step of 'Scripted'", "declare them blocking()");
  }

  /** The class loader that code finds is that of its own job, not of the one that stepped last. */
  @Test
  void tasksOfASlotAreClosedInTheirOwnLoaders() {
    var found = new ConcurrentLinkedQueue<Boolean>();
    SlotThread thread = thread();
    for (int subtask = 0; subtask < 2; subtask++) {
      var own = new ClassLoader(ScriptedTask.LOADER) {};
      var stepped = new CountDownLatch(1);
      thread.start(
          attempt(0, subtask),
          new ScriptedTask() {
            @Override
            public Progress step(Clock now, int budget, BooleanSupplier over) {
              stepped.countDown();
              return Progress.IDLE;
            }

            @Override
            public void close() {
              found.add(Thread.currentThread().getContextClassLoader() == own);
            }

            @Override
            public ClassLoader loader() {
              return own;
            }
          });
      awaitQuietly(stepped);
    }
    thread.close();
    Eventually.holds("closed", () -> found.size() == 2);
    assertThat(found).containsOnly(true);
  }

  @Test
  void aTaskThatWasHandedOverAndNeverSteppedIsClosed() {
    var entered = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    var closed = new ConcurrentLinkedQueue<String>();
    SlotThread thread = thread();
    thread.start(
        attempt(0, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            entered.countDown();
            while (gate.getCount() > 0) {
              Thread.onSpinWait(); // makes nothing of an interrupt
            }
            return Progress.IDLE;
          }

          @Override
          public void close() {
            closed.add("first");
          }
        });
    awaitQuietly(entered);
    thread.start(
        attempt(0, 1),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            throw new IllegalStateException("stepped after the thread was closed");
          }

          @Override
          public void close() {
            closed.add("second");
          }
        });
    thread.close();
    gate.countDown();
    Eventually.holds("closed", () -> closed.size() == 2);
    assertThat(closed).containsExactlyInAnyOrder("first", "second");
    assertThat(crash.get()).isNull();
  }

  @Test
  void userCodeFindsTheLoaderOfItsJobAndAStuckStepItsStack() {
    var found = new AtomicReference<ClassLoader>();
    var gate = new CountDownLatch(1);
    SlotThread thread = thread();
    thread.start(
        attempt(4, 0),
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            found.set(Thread.currentThread().getContextClassLoader());
            awaitQuietly(gate);
            return Progress.DONE;
          }
        });
    Eventually.holds("stuck", () -> thread.stuckFor(Duration.ofMillis(50)).isPresent());
    assertThat(thread.stuckFor(Duration.ofMillis(50)).orElseThrow())
        .contains(attempt(4, 0).toString())
        .contains("awaitQuietly");
    assertThat(found.get()).isSameAs(ScriptedTask.LOADER);
    gate.countDown();
    Eventually.holds("free", () -> thread.stuckFor(Duration.ZERO).isEmpty());
  }

  @Test
  void aStepThatThrowsIsTold() {
    thread()
        .start(
            attempt(0, 0),
            new ScriptedTask() {
              @Override
              public Progress step(Clock now, int budget, BooleanSupplier over) {
                throw new IllegalStateException("broken");
              }
            });
    Eventually.holds("told", () -> crash.get() != null);
    assertThat(crash.get()).hasMessage("broken");
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static ChannelSpec spec(int edge, int subtask) {
    return new ChannelSpec(
        new ChannelId(JOB.hex(), 0, 1, edge, subtask, subtask),
        (Serializer<Object>) (Serializer<?>) Serializers.of(Long.class),
        SlotThreadTest.class.getClassLoader(),
        1);
  }
}
