package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.TaskCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whom a cancellation interrupts: the cancelled task, in a call that does not end, and nobody else.
 */
@Timeout(120)
class SlotInterruptTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final AttemptId FIRST = new AttemptId(JOB, 0, 1, 0, 0);

  /** Stepped before the first one, as it is further downstream. */
  private static final AttemptId SECOND = new AttemptId(JOB, 0, 1, 1, 0);

  private final List<SlotThread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<AttemptId> ended = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Throwable> crash = new AtomicReference<>();

  private SlotThread thread(boolean single) {
    return thread(single, single ? 0 : 100);
  }

  private SlotThread thread(boolean single, long patienceMillis) {
    var thread =
        new SlotThread(
            "test-slot",
            single,
            patienceMillis,
            StepTimes.ofWaiting(),
            ended::add,
            (attempt, failure) -> crash.set(failure));
    threads.add(thread);
    return thread;
  }

  @AfterEach
  void close() {
    threads.forEach(SlotThread::close);
    assertThat(crash.get()).isNull();
  }

  /** Waits in its first step until it is interrupted, that often; closes when it is told to. */
  private static final class Waiting extends ScriptedTask {
    final CountDownLatch entered = new CountDownLatch(1);
    final AtomicInteger interrupts = new AtomicInteger();
    final ConcurrentLinkedQueue<String> closed = new ConcurrentLinkedQueue<>();

    private final int endures;
    private boolean cancelled;

    Waiting(int endures) {
      this.endures = endures;
    }

    @Override
    public Progress step(Clock now, int budget, BooleanSupplier over) {
      if (cancelled) {
        closed.add(Thread.currentThread().isInterrupted() ? "interrupted" : "in peace");
        return Progress.DONE;
      }
      entered.countDown();
      while (interrupts.get() < endures) {
        try {
          new CountDownLatch(1).await();
        } catch (InterruptedException e) {
          interrupts.incrementAndGet();
        }
      }
      Thread.currentThread().interrupt();
      return Progress.WORKED;
    }

    @Override
    public void receive(TaskCommand command) {
      cancelled = true;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cancelInterruptsATaskThatWaitsInUserCode(boolean single) {
    var task = new Waiting(1);
    SlotThread thread = thread(single);
    thread.start(FIRST, task);
    awaitQuietly(task.entered);
    thread.command(FIRST, new TaskCommand.Cancel());
    Eventually.holds("ended", () -> ended.contains(FIRST));
    assertThat(task.interrupts).hasValue(1);
    assertThat(task.closed).containsExactly("in peace");
  }

  @Test
  void aCallThatMakesNothingOfAnInterruptIsInterruptedAgain() {
    var task = new Waiting(2);
    SlotThread thread = thread(false);
    thread.start(FIRST, task);
    awaitQuietly(task.entered);
    thread.command(FIRST, new TaskCommand.Cancel());
    Eventually.holds("ended", () -> ended.contains(FIRST));
    assertThat(task.interrupts).hasValue(2);
    assertThat(task.closed).containsExactly("in peace");
  }

  /** Whoever cancels a job cancels all its tasks in a slot; each of them might wait in turn. */
  @Test
  void aTaskThatIsCancelledWhileAnotherWaitsIsNotCalledBeforeItCloses() {
    var second = new Waiting(1);
    var both = new CountDownLatch(1);
    var calls = new ConcurrentLinkedQueue<String>();
    SlotThread thread = thread(false);
    thread.start(
        FIRST,
        new ScriptedTask() {
          private boolean cancelled;

          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            if (second.entered.getCount() == 0) {
              calls.add(cancelled ? "closed" : "called");
            }
            both.countDown();
            return cancelled ? Progress.DONE : Progress.IDLE;
          }

          @Override
          public void receive(TaskCommand command) {
            cancelled = true;
          }
        });
    awaitQuietly(both);
    thread.start(SECOND, second);
    awaitQuietly(second.entered);
    thread.command(FIRST, new TaskCommand.Cancel());
    thread.command(SECOND, new TaskCommand.Cancel());
    Eventually.holds("ended", () -> ended.contains(FIRST) && ended.contains(SECOND));
    assertThat(calls).containsExactly("closed");
    assertThat(second.closed).containsExactly("in peace");
  }

  /** Another region of the job goes on, or stops at a savepoint: its call is not disturbed. */
  @Test
  void aNeighbourThatIsNotCancelledIsNotInterrupted() {
    var neighbour = new Waiting(1);
    var atRest = new Waiting(0);
    SlotThread thread = thread(false);
    thread.start(FIRST, atRest);
    awaitQuietly(atRest.entered);
    thread.start(SECOND, neighbour);
    awaitQuietly(neighbour.entered);
    thread.command(FIRST, new TaskCommand.Cancel());

    // Whoever is interrupted on such an order, later than this one, shows that its time is over.
    var later = new Waiting(2);
    SlotThread other = thread(false);
    other.start(FIRST, later);
    awaitQuietly(later.entered);
    other.command(FIRST, new TaskCommand.Cancel());
    Eventually.holds("interrupted again", () -> later.interrupts.get() == 2);
    assertThat(neighbour.interrupts).hasValue(0);

    thread.command(SECOND, new TaskCommand.Cancel());
    Eventually.holds("closed", () -> !neighbour.closed.isEmpty() && !atRest.closed.isEmpty());
    assertThat(neighbour.closed).containsExactly("in peace");
    assertThat(atRest.closed).containsExactly("in peace");
  }

  /** Tasks are cancelled just as their steps end, again and again; the one beside them goes on. */
  @Test
  void anInterruptThatComesAsAStepEndsReachesNobodyElse() {
    int rounds = 500;
    var disturbed = new AtomicInteger();
    SlotThread thread = thread(false, 0);
    thread.start(
        FIRST,
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            if (Thread.interrupted()) {
              disturbed.incrementAndGet();
            }
            return Progress.WORKED;
          }
        });
    var hit = new AtomicInteger();
    for (int round = 0; round < rounds; round++) {
      var attempt = new AttemptId(JOB, 0, 1, 1, round);
      var begun = new CountDownLatch(1);
      thread.start(
          attempt,
          new ScriptedTask() {
            private boolean cancelled;

            @Override
            public Progress step(Clock now, int budget, BooleanSupplier over) {
              if (cancelled) {
                disturbed.addAndGet(Thread.interrupted() ? 1 : 0);
                return Progress.DONE;
              }
              begun.countDown();
              long end = System.nanoTime() + 200_000;
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
              hit.addAndGet(Thread.currentThread().isInterrupted() ? 1 : 0);
              return Progress.WORKED;
            }

            @Override
            public void receive(TaskCommand command) {
              cancelled = true;
            }
          });
      awaitQuietly(begun);
      thread.command(attempt, new TaskCommand.Cancel());
      Eventually.holds("ended", () -> ended.contains(attempt));
      ended.clear();
    }
    assertThat(hit.get()).as("calls that were interrupted").isBetween(1, rounds);
    assertThat(disturbed).hasValue(0);
  }

  /** Whoever cancels the job, or ends the process, may come as a task is failing or at its end. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTaskThatClosesByItselfIsNotInterrupted(boolean single) {
    var closing = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var closed = new AtomicReference<String>();
    SlotThread thread = thread(single, 0);
    thread.start(
        FIRST,
        new ScriptedTask() {
          private boolean worked;

          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            if (!worked) {
              worked = true;
              return Progress.WORKED;
            }
            closing.countDown();
            closed.set(waitFor(goOn));
            return Progress.DONE;
          }

          @Override
          public boolean closesNext() {
            return worked;
          }
        });
    awaitQuietly(closing);
    thread.command(FIRST, new TaskCommand.Cancel());
    thread.close();
    goOn.countDown();
    Eventually.holds("closed", () -> closed.get() != null);
    assertThat(closed).hasValue("in peace");
  }

  /** A process that ends soon after its tasks were told to. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTaskThatClosesAsItWasToldToIsNotInterrupted(boolean single) {
    var closing = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var closed = new AtomicReference<String>();
    SlotThread thread = thread(single, 0);
    thread.start(
        FIRST,
        new ScriptedTask() {
          private boolean cancelled;

          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            if (!cancelled) {
              return Progress.IDLE;
            }
            closing.countDown();
            closed.set(waitFor(goOn));
            return Progress.DONE;
          }

          @Override
          public void receive(TaskCommand command) {
            cancelled = true;
          }
        });
    thread.command(FIRST, new TaskCommand.Cancel());
    awaitQuietly(closing);
    thread.close();
    goOn.countDown();
    Eventually.holds("closed", () -> closed.get() != null);
    assertThat(closed).hasValue("in peace");
  }

  /** As a shutdown is called for by a signal, and again by whoever owns the process. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whateverEndsTheProcessInterruptsTheCallThatWaitsButNotItsClose(boolean single) {
    var waiting = new CountDownLatch(1);
    var closing = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var closed = new AtomicReference<String>();
    SlotThread thread = thread(single);
    thread.start(
        FIRST,
        new ScriptedTask() {
          @Override
          public Progress step(Clock now, int budget, BooleanSupplier over) {
            waiting.countDown();
            waitFor(new CountDownLatch(1));
            Thread.currentThread().interrupt();
            return Progress.WORKED;
          }

          @Override
          public void close() {
            closing.countDown();
            closed.set(waitFor(goOn));
          }
        });
    awaitQuietly(waiting);
    thread.close();
    awaitQuietly(closing);
    thread.close();
    thread.command(FIRST, new TaskCommand.Cancel());
    goOn.countDown();
    Eventually.holds("closed", () -> closed.get() != null);
    assertThat(closed).hasValue("in peace");
  }

  private static String waitFor(CountDownLatch latch) {
    try {
      latch.await();
      return "in peace";
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
