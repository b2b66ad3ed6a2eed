package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Perishable;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemEnvTest {
  private static final int PARTS = 40;

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

  private void start(BiConsumer<Env, String> work) {
    start(Lane.FACTS, Duration.ofMinutes(1), work);
  }

  /** Calls in all other lanes may take as long as a busy machine needs. */
  private void start(Lane hurried, Duration deadline, BiConsumer<Env, String> work) {
    var deadlines = new EnumMap<Lane, Duration>(Lane.class);
    for (Lane lane : Lane.values()) {
      deadlines.put(lane, lane == hurried ? deadline : Duration.ofMinutes(1));
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

  /** However much state there is: only what stands still is given up. */
  @Test
  void aCallThatComesFurtherHasAllTheTimeItNeeds() throws Exception {
    var scratch = new MemoryCheckpointStore();
    var job = new JobId("0".repeat(32));
    String directory = scratch.directoryOf(job);
    scratch.names(directory).mkdir(JobDirectory.DATA);
    scratch.writeState(directory, "data/state", List.of(new byte[PARTS]));
    var range = new StateBytes.InFile("data/state", 0, PARTS, 0);
    CheckpointStore store = new SteadyStore(scratch);
    assertThatItIsNotGivenUp(part -> store.readPart(directory, range, part, 1));
  }

  /** What is restored from copies on local disk makes no call at the store. */
  @Test
  void aCallThatReadsOrWritesStateOnLocalDiskHasAllTheTimeItNeeds(@TempDir Path disk)
      throws IOException {
    StateFolder folder = new StateBackends(disk, 0).newFolder("copy");
    folder.append("state", new byte[PARTS]);
    assertThatItIsNotGivenUp(part -> folder.read("state", part, 1));
    assertThatItIsNotGivenUp(part -> folder.append("more", new byte[1]));
    assertThatItIsNotGivenUp(() -> folder.write("restored", SystemEnvTest::parts));
  }

  private interface Part {
    void work(int part) throws IOException;
  }

  private interface Work {
    void run() throws IOException;
  }

  /** Work in many parts, none of which takes long. */
  private void assertThatItIsNotGivenUp(Part each) {
    assertThatItIsNotGivenUp(
        () -> {
          for (int part = 0; part < PARTS; part++) {
            each.work(part);
            pause();
          }
        });
  }

  private void assertThatItIsNotGivenUp(Work work) {
    log.clear();
    start(
        Lane.LOAD,
        Duration.ofMillis(1_000),
        (env, text) -> {
          if (text.equals("go")) {
            env.offload(
                Lane.LOAD,
                () -> {
                  work.run();
                  return new Note("all is done");
                },
                e -> new Note(e.getMessage()));
          }
        });
    tell("go");
    Eventually.holds("an answer", Duration.ofSeconds(30), () -> log.size() == 2);
    assertThat(log.get(1)).endsWith("all is done");
    env.close();
  }

  private static Iterator<byte[]> parts() {
    return IntStream.range(0, PARTS)
        .mapToObj(
            part -> {
              pause();
              return new byte[1];
            })
        .iterator();
  }

  private static void pause() {
    LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
  }

  private record Vessel(CountDownLatch emptied) implements Message, Perishable {
    @Override
    public void perish() {
      emptied.countDown();
    }
  }

  @Test
  void whatComesTooLateIsGivenBack() throws Exception {
    var goOn = new CountDownLatch(1);
    var emptied = new CountDownLatch(1);
    start(
        Lane.LOAD,
        Duration.ofMillis(100),
        (env, text) -> {
          if (text.equals("go")) {
            env.offload(
                Lane.LOAD,
                () -> {
                  while (goOn.getCount() > 0) {
                    LockSupport.parkNanos(1_000_000); // whatever interrupts it
                  }
                  return new Vessel(emptied);
                },
                e -> new Note(e.getMessage()));
          }
        });
    tell("go");
    Eventually.holds("given up", Duration.ofSeconds(30), () -> log.size() == 2);
    assertThat(log.get(1)).contains("came no further");
    goOn.countDown();
    assertThat(emptied.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void timersComeInTheOrderOfTheirTimes() {
    start(
        (env, text) -> {
          if (text.equals("go")) {
            env.after(Duration.ofMillis(400), new Note("third"));
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
        Lane.FACTS,
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
    assertThat(log).containsExactlyInAnyOrder("test:go", "self:StandstillException", "self:next");
    never.countDown();
    tell("after");
    Eventually.holds("alive", () -> log.contains("test:after"));
    assertThat(log).doesNotContain("self:too late");
  }

  @Test
  void aLaneFullOfHungCallsFailsWhatWaitsInIt() {
    start(
        Lane.FACTS,
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
    assertThat(log).contains("self:other lane");
  }

  @Test
  void whatTheActorThrowsEndsItAndIsTold() {
    start(
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
