package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemEnvTest {
  private final List<String> log = new CopyOnWriteArrayList<>();
  private final AtomicReference<Throwable> crash = new AtomicReference<>();
  private final CountDownLatch never = new CountDownLatch(1);
  private SystemEnv env;

  private record Note(String text) implements Message {}

  /** Writes down what it receives, and does what the test says for each message. */
  private final class Clerk implements Actor {
    private final BiConsumer<Env, String> work;
    private Env env;

    Clerk(BiConsumer<Env, String> work) {
      this.work = work;
    }

    @Override
    public void start(Env env) {
      this.env = env;
    }

    @Override
    public void receive(Address from, Message message) {
      log.add(from + ":" + ((Note) message).text());
      work.accept(env, ((Note) message).text());
    }

    @Override
    public List<Runnable> lastWords(Throwable broken) {
      return List.of(() -> log.add("last words about " + broken.getMessage()));
    }
  }

  private void start(Duration deadline, BiConsumer<Env, String> work) {
    var deadlines = new EnumMap<Lane, Duration>(Lane.class);
    for (Lane lane : Lane.values()) {
      deadlines.put(lane, deadline);
    }
    env = new SystemEnv("clerk", (to, message) -> {}, deadlines, crash::set);
    env.start(new Clerk(work));
  }

  private void tell(String text) {
    env.deliver(new Address("test"), new Note(text));
  }

  @AfterEach
  void close() {
    never.countDown();
    env.close();
  }

  @Test
  void timersComeInTheOrderOfTheirTimes() {
    start(
        Duration.ofMinutes(1),
        (env, text) -> {
          if (text.equals("go")) {
            env.after(Duration.ofMillis(60), new Note("third"));
            env.after(Duration.ofMillis(20), new Note("first"));
            env.after(Duration.ofMillis(20), new Note("second"));
          }
        });
    tell("go");
    Eventually.holds("all came", () -> log.size() == 4);
    assertThat(log).containsExactly("test:go", "self:first", "self:second", "self:third");
  }

  @Test
  void answersAndFailuresComeBackAsMessages() {
    start(
        Duration.ofMinutes(1),
        (env, text) -> {
          if (text.equals("go")) {
            env.offload(Lane.FACTS, () -> new Note("one"), e -> new Note("no"));
            env.offload(
                Lane.FACTS,
                () -> {
                  throw new IOException("disk");
                },
                e -> new Note("failed " + e.getMessage()));
            env.offload(Lane.FACTS, () -> new Note("three"), e -> new Note("no"));
          }
        });
    tell("go");
    Eventually.holds("all came", () -> log.size() == 4);
    assertThat(log).containsExactly("test:go", "self:one", "self:failed disk", "self:three");
  }

  @Test
  void aHungCallIsGivenUpAndHoldsUpNobody() {
    start(
        Duration.ofMillis(100),
        (env, text) -> {
          if (text.equals("go")) {
            env.offload(
                Lane.FACTS,
                () -> {
                  awaitUninterruptibly();
                  return new Note("too late");
                },
                e -> new Note(e.getClass().getSimpleName()));
            env.offload(Lane.FACTS, () -> new Note("next"), e -> new Note("no"));
          }
        });
    tell("go");
    Eventually.holds("both came", () -> log.size() == 3);
    assertThat(log).containsExactlyInAnyOrder("test:go", "self:TimeoutException", "self:next");
    never.countDown();
    tell("after");
    Eventually.holds("alive", () -> log.contains("test:after"));
    assertThat(log).doesNotContain("self:too late");
  }

  @Test
  void aLaneFullOfHungCallsFailsWhatWaitsInIt() {
    start(
        Duration.ofMillis(50),
        (env, text) -> {
          if (text.equals("go")) {
            for (int i = 0; i < 8; i++) {
              env.offload(
                  Lane.FACTS,
                  () -> {
                    awaitUninterruptibly();
                    return new Note("too late");
                  },
                  e -> new Note("given up"));
            }
            env.offload(Lane.LOAD, () -> new Note("other lane"), e -> new Note("no"));
          }
        });
    tell("go");
    Eventually.holds("all answered", () -> log.size() == 10);
    assertThat(log.stream().filter("self:given up"::equals)).hasSize(8);
    assertThat(log.get(1)).isEqualTo("self:other lane");
  }

  @Test
  void whatTheActorThrowsEndsItAndIsTold() {
    start(
        Duration.ofMinutes(1),
        (env, text) -> {
          throw new IllegalStateException("broken");
        });
    tell("go");
    Eventually.holds("told", () -> crash.get() != null);
    assertThat(crash.get()).hasMessage("broken");
    tell("more");
    assertThat(log).containsExactly("test:go", "last words about broken");
  }

  private void awaitUninterruptibly() {
    boolean done = false;
    while (!done) {
      try {
        never.await();
        done = true;
      } catch (InterruptedException e) {
        // Some calls do not listen.
      }
    }
  }
}
