package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.tuple.Tuple2;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The parts of a real cluster, each with its sockets, in one JVM. */
@Timeout(120)
class NetworkedClusterTest {
  /** For answers that take their time on a busy machine. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path scratch;

  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final OneLoader classes = new OneLoader(NetworkedClusterTest.class.getClassLoader());
  private final ConcurrentSkipListMap<TaskManagerId, TaskManagerProcess> taskManagers =
      new ConcurrentSkipListMap<>();
  private JobManagerProcess jobManager;
  private ClusterClient client;

  @BeforeEach
  void start() throws IOException {
    jobManager =
        JobManagerProcess.open(
            new JobManagerProcess.Setup(
                IDENTITY,
                APPLICATION,
                1,
                "localhost",
                "localhost",
                0,
                store,
                classes,
                Configuration.EMPTY,
                // One that ends with its job waits for nobody who has not asked yet.
                JobManager.Lifetime.SESSION,
                Optional.empty(),
                Lease.DEFAULT));
    jobManager.start(new Sockets());
    client = ControlLine.client(IDENTITY, APPLICATION, this::address, PATIENCE);
  }

  @AfterEach
  void end() {
    client.close();
    jobManager.close();
    taskManagers.values().forEach(TaskManagerProcess::close);
  }

  private InetSocketAddress address() {
    return InetSocketAddress.createUnresolved("localhost", jobManager.controlPort());
  }

  @Test
  void everyRecordCountsOnceOverTheNetwork() throws Exception {
    var output = new CommittedOutput("over the network");
    client.submit(spec(job(output, 20_000, Double.MAX_VALUE)));
    client.follow(JOB, PATIENCE).await();
    assertSums(output, 20_000);
    client.stopCluster();
    assertThat(jobManager.await()).isEqualTo(new ProcessEnd(0, "FINISHED"));
  }

  @Test
  void everyRecordCountsOnceWhenATaskManagerDies() throws Exception {
    var output = new CommittedOutput("with a death");
    client.submit(spec(job(output, 20_000, 10_000)));
    Eventually.holds("something is committed", () -> !output.records().isEmpty());
    TaskManagerId victim = taskManagers.firstKey();
    taskManagers.remove(victim).close();
    jobManager.events().accept(new ResourceManager.TaskManagerEnded(victim, "it was killed"));
    client.follow(JOB, PATIENCE).await();
    assertSums(output, 20_000);
  }

  /** Nobody says that the TaskManager is gone: its silence must do. */
  @Test
  void aTaskManagerThatOnlyFallsSilentIsReplaced() throws Exception {
    var output = new CommittedOutput("with a silence");
    client.submit(spec(job(output, 20_000, 10_000)));
    Eventually.holds("something is committed", () -> !output.records().isEmpty());
    taskManagers.pollFirstEntry().getValue().close();
    client.follow(JOB, PATIENCE).await();
    assertSums(output, 20_000);
  }

  @Test
  void aProgramMayBringAsManyValuesAsItIsPromised() throws Exception {
    var output = new CommittedOutput("many values");
    String thousand = "v".repeat(1_000);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromCollection(IntStream.range(0, 9_000).mapToObj(i -> i + thousand).toList())
        .map(value -> value.replace("v", ""))
        .sinkTo(output);
    client.submit(spec(env.getJobGraph()));
    client.follow(JOB, PATIENCE).await();
    assertThat(output.records()).hasSize(9_000).contains("8999");
  }

  private static JobGraph job(CommittedOutput output, long records, double rate) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "100");
    env.set("restart-strategy.fixed-delay.delay", "50 ms");
    env.fromGenerator(index -> index, records, rate)
        .map(value -> Tuple2.of("key" + value % 7, 1L))
        .keyBy(pair -> pair.f0)
        .sum(1)
        .map(pair -> pair.f0 + "=" + pair.f1)
        .sinkTo(output);
    return env.getJobGraph();
  }

  private static JobSpec spec(JobGraph graph) {
    return new JobSpec(JOB, "0".repeat(32), graph, List.of(), Optional.empty());
  }

  /** The running sums of each key are 1, 2, 3 …, each once. */
  private static void assertSums(CommittedOutput output, int records) {
    var expected =
        LongStream.range(0, records)
            .mapToObj(i -> "key" + i % 7 + "=" + (i / 7 + 1))
            .sorted()
            .toList();
    assertThat(output.records().stream().sorted().toList()).isEqualTo(expected);
  }

  /** Starts TaskManagers in this JVM, with sockets like any other. */
  private final class Sockets implements ResourceManager {
    private int started;

    @Override
    public void want(int wanted) {
      while (taskManagers.size() < wanted) {
        var id = new TaskManagerId("container_" + ++started);
        try {
          taskManagers.put(
              id,
              TaskManagerProcess.start(
                  new TaskManagerProcess.Setup(
                      IDENTITY,
                      APPLICATION,
                      id,
                      "localhost",
                      "localhost",
                      0,
                      address(),
                      Optional.empty(),
                      store,
                      classes,
                      new LocalOrigin(),
                      LocalFolders.alone(scratch.resolve(id.value())),
                      Configuration.EMPTY)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    @Override
    public void release(TaskManagerId taskManager) {}

    @Override
    public void finish(JobStatus status, String diagnostics) {
      jobManager.end(status.toString());
    }

    @Override
    public void fenced(String reason) {
      jobManager.end(reason);
    }
  }
}
