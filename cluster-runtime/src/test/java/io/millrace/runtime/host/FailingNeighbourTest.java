package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.function.CheckpointListener;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.sink.DiscardingSink;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job of a session that fails soon after each of its checkpoints, and another one beside it. */
@Timeout(180)
class FailingNeighbourTest {
  private static final int KEYS = 4_000;
  private static final int VALUE_BYTES = 1_000;

  /** Records for some seconds. */
  private static final long MANY = 40_000_000;

  /** Enough for the pauses to grow, and each has to read all of the state again. */
  private static final int STARTS = 8;

  private static final LongAdder BESIDE = new LongAdder();

  private final CountingStore store = new CountingStore();

  /** Hoards; fails with the first record after a checkpoint, once there is a lot to restore. */
  private static final class Failing extends KeyedProcessFunction<Long, Long, Long>
      implements CheckpointListener {
    private transient ValueState<byte[]> noise;
    private transient boolean ripe;

    @Override
    public void open(OpenContext context) {
      noise = getRuntimeContext().getState(new ValueStateDescriptor<>("noise", byte[].class));
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) {
      ripe = true;
    }

    @Override
    public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
      if (ripe && number >= KEYS) {
        throw new IllegalStateException("as after each checkpoint");
      }
      byte[] bytes = new byte[VALUE_BYTES];
      new SplittableRandom(number).nextBytes(bytes);
      noise.update(bytes);
      out.collect(number);
    }
  }

  @BeforeEach
  void forget() {
    BESIDE.reset();
  }

  private LocalCluster cluster(String isolation) {
    return LocalCluster.start(
        new Configuration(
            Map.of("millrace.session.isolation", isolation, "taskmanager.numberOfTaskSlots", "4")),
        store,
        new OneLoader(FailingNeighbourTest.class.getClassLoader()));
  }

  /** Each key once, then each again. */
  private static JobGraph failing(String firstPause) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.exponential-delay.initial-backoff", firstPause);
    env.fromGenerator(index -> index, Long.MAX_VALUE, 20_000)
        .keyBy(number -> number % KEYS)
        .process(new Failing())
        .sinkTo(new DiscardingSink<>());
    return env.getJobGraph();
  }

  /** Its one source shows numbers without a gap. */
  private static JobGraph beside(CommittedOutput output, double rate) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    env.fromGenerator(index -> index, Long.MAX_VALUE, rate)
        .keyBy(number -> number % KEYS)
        .map(
            number -> {
              BESIDE.increment();
              return number;
            })
        .filter(number -> rate < Double.MAX_VALUE)
        .map(String::valueOf)
        .sinkTo(output);
    return env.getJobGraph();
  }

  /** However often it starts: what it needs lies on the disks of its TaskManagers. */
  @ParameterizedTest
  @ValueSource(strings = {"none", "job"})
  void startsAgainWithoutAReadAndWithoutAWordToTheOther(String isolation, TestInfo test)
      throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    try (var cluster = cluster(isolation)) {
      JobId other = cluster.begin(beside(output, 1_000));
      Eventually.holds("the other one shows something", () -> !output.records().isEmpty());
      JobId failing = cluster.begin(failing("10 ms"));
      Eventually.holds("it starts again", () -> restarts(cluster, failing) > 0);
      int before = restarts(cluster, failing);
      int filesBefore = store.smallReads();

      Eventually.holds("it does so on and on", () -> restarts(cluster, failing) > STARTS);

      int starts = restarts(cluster, failing) - before;
      assertThat(store.reads()).as("reads of state files").isZero();
      assertThat((double) (store.smallReads() - filesBefore) / starts)
          .as("other files read in each start")
          .isLessThan(8);
      assertThat(restarts(cluster, other)).isZero();
      int shown = output.records().size();
      Eventually.holds("the other one goes on", () -> output.records().size() > shown);
      cluster.client().cancel(failing);
      cluster.client().cancel(other);
    }
    assertThat(output.records().stream().mapToLong(Long::parseLong).sorted().toArray())
        .isEqualTo(LongStream.range(0, output.records().size()).toArray());
  }

  /** Nor does it leave more and more behind. */
  @Test
  void asksNoMoreOfTheStoreTheLongerItGoesOn() throws Exception {
    try (var cluster = cluster("none")) {
      JobId failing = cluster.begin(failing("0 ms"));
      Eventually.holds("some starts", () -> restarts(cluster, failing) >= 10);
      int early = store.asked();
      Eventually.holds("some more", () -> restarts(cluster, failing) >= 20);
      int ten = store.asked() - early;
      int files = store.files(failing);
      Eventually.holds("many", () -> restarts(cluster, failing) >= 60);
      int late = store.asked();
      Eventually.holds("some more", () -> restarts(cluster, failing) >= 70);
      int tenLater = store.asked() - late;
      assertThat(tenLater).isLessThan(2 * ten);
      assertThat(store.files(failing)).isLessThan(2 * files);
    }
  }

  private static int restarts(LocalCluster cluster, JobId job) {
    return details(cluster, job).restarts();
  }

  private static JobDetails details(LocalCluster cluster, JobId job) {
    try {
      return cluster.client().job(Optional.of(job), 0);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Alone, beside one with the pauses that are usual, and alone again. */
  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"none", "job"})
  void leavesTheOtherItsThroughput(String isolation) throws Exception {
    try (var cluster = cluster(isolation)) {
      cluster.begin(beside(new CommittedOutput("nothing"), Double.MAX_VALUE));
      rateUntil(() -> BESIDE.sum() > MANY);
      double before = rateOver(MANY);
      JobId failing = cluster.begin(failing("100 ms"));
      Eventually.holds("it starts again", () -> restarts(cluster, failing) > 0);
      int first = restarts(cluster, failing);
      double beside = rateUntil(() -> restarts(cluster, failing) - first >= STARTS);
      cluster.client().cancel(failing);
      Eventually.holds("it is gone", () -> details(cluster, failing).summary().status().terminal());
      double after = rateOver(MANY);

      note(isolation, beside, before, after);
      // Starts cost time of the processors that both have; on an idle machine it is far more.
      assertThat(beside).isGreaterThan(Math.min(before, after) / 4);
      assertThat(store.reads()).isZero();
    }
  }

  private static double rateOver(long records) {
    long enough = BESIDE.sum() + records;
    return rateUntil(() -> BESIDE.sum() >= enough);
  }

  private static double rateUntil(BooleanSupplier condition) {
    long start = System.nanoTime();
    long before = BESIDE.sum();
    Eventually.holds("what is waited for", condition);
    return (BESIDE.sum() - before) / ((System.nanoTime() - start) / 1e9);
  }

  private static void note(String isolation, double beside, double before, double after)
      throws IOException {
    String measured =
        String.format(
            Locale.ROOT,
            "measured: isolation %s: records a second beside a job that starts again %d times meanwhile:"
                + " %.0f; alone before and after: %.0f and %.0f%n",
            isolation,
            STARTS,
            beside,
            before,
            after);
    System.out.print(measured);
    Files.writeString(
        Path.of("target/measurements.txt"),
        measured,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }
}
