package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.executor.JobClient;
import io.millrace.api.executor.JobClient.JobFailedException;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.tuple.Tuple2;
import io.millrace.runtime.protocol.ClusterSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class LocalClusterTest {
  private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();
  private static final AtomicLong SEEN = new AtomicLong();

  /** Two seconds' worth. */
  private static final int ONES = 2_000;

  private static StreamExecutionEnvironment environment() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.set("execution.checkpointing.interval", "50 ms");
    return env;
  }

  @Test
  void countsWordsWithoutAnyFlags(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    var env = environment();
    env.setParallelism(2);
    env.fromElements("to be or not to be", "that is the question", "to be")
        .flatMap(
            (String line, io.millrace.api.function.Collector<Tuple2<String, Long>> out) -> {
              for (String word : line.split(" ")) {
                out.collect(Tuple2.of(word, 1L));
              }
            })
        .keyBy(pair -> pair.f0)
        .sum(1)
        .map(pair -> pair.f0 + "=" + pair.f1)
        .sinkTo(output);
    JobClient.Result result = env.execute("word count");

    assertThat(result.jobId()).matches("[0-9a-f]{32}");
    assertThat(last(output.records()))
        .isEqualTo(
            Map.of(
                "to",
                3L,
                "be",
                3L,
                "or",
                1L,
                "not",
                1L,
                "that",
                1L,
                "is",
                1L,
                "the",
                1L,
                "question",
                1L));
    assertThat(output.records()).hasSize(12);
  }

  @Test
  void aJobGoesOnFromASavepointWithOtherParallelism(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    try (LocalCluster cluster = LocalCluster.start(new Configuration(Map.of()))) {
      JobClient first = cluster.submit(sums(2, output));
      Eventually.holds("some output", () -> !output.records().isEmpty());
      String savepoint = first.stopWithSavepoint(false, "/kept").get();
      assertThat(output.records()).hasSizeLessThan(ONES);

      cluster.submit(sums(3, output), savepoint).await();

      assertThat(output.records())
          .containsExactlyInAnyOrderElementsOf(
              LongStream.rangeClosed(1, ONES).mapToObj(n -> "" + n).toList());

      assertThatThrownBy(() -> cluster.submit(sums(1, output), "/nowhere").await())
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("/nowhere");
    }
  }

  /** Of all ones, as they come. */
  private static JobGraph sums(int parallelism, CommittedOutput output) {
    var env = environment();
    env.fromGenerator(n -> 1L, ONES, 1_000)
        .setParallelism(1)
        .uid("ones")
        .keyBy(one -> "all")
        .reduce(Long::sum)
        .setParallelism(parallelism)
        .uid("sums")
        .map(sum -> "" + sum)
        .setParallelism(parallelism)
        .uid("told")
        .sinkTo(output)
        .setParallelism(1)
        .uid("output");
    return env.getJobGraph();
  }

  @Test
  void aUserExceptionIsTheHeadline() {
    var env = environment();
    env.set("restart-strategy.type", "none");
    env.fromElements("1", "2", "x")
        .map(Integer::parseInt)
        .name("parse")
        .map(value -> "" + value)
        .sinkTo(new CommittedOutput("nothing"));
    assertThatThrownBy(env::execute)
        .isInstanceOf(JobFailedException.class)
        .hasMessageContaining("parse")
        .hasMessageContaining("NumberFormatException");
  }

  /** Restarts are off. */
  @Test
  void aSinkThatCannotWriteForNowRestartsNothing(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    FAILURES_LEFT.set(3);
    var env = environment();
    env.set("restart-strategy.type", "none");
    env.fromGenerator(index -> "" + index, 2_000, 4_000).sinkTo(new Away(output));
    env.execute();

    assertThat(FAILURES_LEFT.get()).isLessThan(0);
    assertThat(output.records())
        .containsExactlyInAnyOrderElementsOf(
            LongStream.range(0, 2_000).mapToObj(Long::toString).toList());
  }

  /** Its first flushes ask to be tried again. */
  private record Away(CommittedOutput output) implements Sink<String> {
    @Override
    public SinkWriter<String> writer(WriterContext context) {
      SinkWriter<String> writer = output.writer(context);
      return new SinkWriter<>() {
        @Override
        public void write(String value, long timestamp) throws Exception {
          writer.write(value, timestamp);
        }

        @Override
        public Callable<List<byte[]>> prepare(long checkpoint) throws Exception {
          Callable<List<byte[]>> flush = writer.prepare(checkpoint);
          return () -> {
            if (FAILURES_LEFT.getAndDecrement() > 0) {
              throw new RetryLaterException("away", null);
            }
            return flush.call();
          };
        }
      };
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) {
      output.commit(scope, committables);
    }
  }

  @Test
  void everyRecordCountsOnceAcrossFailures(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    int keys = 17;
    long records = 20_000;
    // A third one without a checkpoint between would end the job.
    FAILURES_LEFT.set(2);
    SEEN.set(0);
    var env = environment();
    env.setParallelism(2);
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.fromGenerator(index -> index, records, 20_000)
        .map(
            value -> {
              if (SEEN.incrementAndGet() % 5_000 == 0 && FAILURES_LEFT.getAndDecrement() > 0) {
                throw new IllegalStateException("injected");
              }
              return Tuple2.of("key" + value % keys, 1L);
            })
        .keyBy(pair -> pair.f0)
        .sum(1)
        .map(pair -> pair.f0 + "=" + pair.f1)
        .sinkTo(output);
    env.execute();

    assertThat(FAILURES_LEFT.get()).isLessThanOrEqualTo(0);
    assertThat(output.records()).hasSize((int) records);
    assertEachCountOnce(output.records(), keys, records);
  }

  @Test
  void everyRecordCountsOnceWhenATaskManagerDies(TestInfo test) throws Exception {
    var output = new CommittedOutput(test.getDisplayName());
    int keys = 5;
    long records = 30_000;
    var env = environment();
    env.setParallelism(3);
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "10");
    env.set("restart-strategy.fixed-delay.delay", "10 ms");
    env.fromGenerator(index -> index, records, 20_000)
        .map(value -> Tuple2.of("key" + value % keys, 1L))
        .keyBy(pair -> pair.f0)
        .sum(1)
        .map(pair -> pair.f0 + "=" + pair.f1)
        .sinkTo(output);
    // One slot each, so that records go from TaskManager to TaskManager.
    try (var cluster = LocalCluster.start(Configuration.EMPTY)) {
      JobClient job = cluster.submit(env.getJobGraph());
      Eventually.holds("something is committed", () -> !output.records().isEmpty());
      assertThat(cluster.killOne()).isPresent();
      job.await();
    }
    assertThat(output.records()).hasSize((int) records);
    assertEachCountOnce(output.records(), keys, records);
  }

  @Test
  void closingCancelsWhatRuns() throws Exception {
    var env = environment();
    env.fromGenerator(index -> index, Long.MAX_VALUE, 1_000)
        .map(value -> "" + value)
        .sinkTo(new CommittedOutput("endless"));
    var cluster = LocalCluster.start(Configuration.EMPTY.with(ClusterSettings.SLOTS.key(), "2"));
    JobClient job = cluster.submit(env.getJobGraph());
    Eventually.holds("it commits", () -> !new CommittedOutput("endless").records().isEmpty());
    long start = System.nanoTime();
    cluster.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    assertThatThrownBy(job::await).isInstanceOf(JobFailedException.class);
    Eventually.holds("no thread is left", () -> threads("local-taskmanager").isEmpty());
  }

  @Test
  void aCancelledJobSaysSo() throws Exception {
    var env = environment();
    env.fromGenerator(index -> index, Long.MAX_VALUE, 1_000)
        .map(value -> "" + value)
        .sinkTo(new CommittedOutput("cancelled"));
    JobClient job = env.executeAsync();
    Eventually.holds("it commits", () -> !new CommittedOutput("cancelled").records().isEmpty());
    job.cancel().get();
    assertThatThrownBy(job::await)
        .isInstanceOf(JobFailedException.class)
        .matches(e -> ((JobFailedException) e).cancelled());
  }

  private static List<String> threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(each -> each.startsWith(name))
        .toList();
  }

  /** Every key's running sums must be exactly 1, 2, 3 … up to its count. */
  private static void assertEachCountOnce(List<String> lines, int keys, long records) {
    var sums = new TreeMap<String, List<Long>>();
    for (String line : lines) {
      String[] parts = line.split("=");
      sums.computeIfAbsent(parts[0], key -> new ArrayList<>()).add(Long.parseLong(parts[1]));
    }
    assertThat(sums).hasSize(keys);
    long total = 0;
    for (List<Long> each : sums.values()) {
      each.sort(null);
      for (int i = 0; i < each.size(); i++) {
        assertThat(each.get(i)).isEqualTo(i + 1L);
      }
      total += each.size();
    }
    assertThat(total).isEqualTo(records);
  }

  private static Map<String, Long> last(List<String> lines) {
    var sums = new TreeMap<String, Long>();
    for (String line : lines) {
      String[] parts = line.split("=");
      sums.merge(parts[0], Long.parseLong(parts[1]), Math::max);
    }
    return sums;
  }
}
