package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.taskmanager.TaskHost.Loading;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SideBySideTest {
  @Test
  void eachIsDoneOnce() throws IOException {
    Set<Integer> done = ConcurrentHashMap.newKeySet();
    var all = new ArrayList<Loading>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      all.add(() -> assertThat(done.add(number)).isTrue());
    }

    SideBySide.run(all);

    assertThat(done).hasSize(100);
    SideBySide.run(List.of());
  }

  @Test
  void severalGoOnAtATime() throws IOException {
    var four = new CyclicBarrier(4);
    Loading waits =
        () -> {
          try {
            four.await();
          } catch (Exception e) {
            throw new IOException(e);
          }
        };

    SideBySide.run(List.of(waits, waits, waits, waits));
  }

  @Test
  void whatFailsIsThrownOnceTheOthersAreOver() {
    var begun = new CountDownLatch(1);
    var over = new AtomicInteger();
    var all = new ArrayList<Loading>();
    all.add(
        () -> {
          begun.countDown();
          throw new IOException("the disk is gone");
        });
    all.add(
        () -> {
          try {
            begun.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          over.incrementAndGet();
        });

    assertThatThrownBy(() -> SideBySide.run(all)).hasMessage("the disk is gone");

    assertThat(over.get()).isLessThanOrEqualTo(1);
    assertThatThrownBy(
            () ->
                SideBySide.run(
                    List.of(
                        () -> {
                          throw new IllegalStateException("a bug");
                        })))
        .isInstanceOf(IllegalStateException.class);
  }

  /** A lane that gives up a call interrupts it, once; nothing of it may go on then. */
  @Test
  void whoIsToldToGiveUpTellsTheOthers() throws InterruptedException {
    var waiting = new CountDownLatch(2);
    var interrupted = new AtomicInteger();
    Loading hangs =
        () -> {
          waiting.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw new InterruptedIOException();
          }
        };
    Thread caller = Thread.currentThread();
    var canceller =
        new Thread(
            () -> {
              try {
                waiting.await();
              } catch (InterruptedException e) {
                return;
              }
              caller.interrupt();
            });
    canceller.start();

    assertThatThrownBy(() -> SideBySide.run(List.of(hangs, hangs)))
        .isInstanceOf(InterruptedIOException.class);

    assertThat(interrupted.get()).isEqualTo(2);
    canceller.join();
  }
}
