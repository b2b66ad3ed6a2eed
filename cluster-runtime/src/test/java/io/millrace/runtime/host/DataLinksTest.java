package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.tuple.Tuple2;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.LimitedLink.Spoil;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
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
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Data links between the TaskManagers of a cluster with sockets that carry too little, or nothing,
 * or something else, while each of them reaches the JobManager.
 */
@Timeout(180)
class DataLinksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final String PADDING = "x".repeat(100);
  private static final int RECORDS = 30_000;

  /** Which would take a narrow link most of a minute. */
  private static final int MANY_RECORDS = 200_000;

  @TempDir Path scratch;

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final OneLoader classes = new OneLoader(DataLinksTest.class.getClassLoader());
  private final List<TaskManagerProcess> taskManagers = new CopyOnWriteArrayList<>();
  private final List<LimitedLink> links = new CopyOnWriteArrayList<>();
  private JobManagerProcess jobManager;
  private int buffer = LimitedLink.SMALL;
  private ClusterClient client;

  private void start(Map<String, String> settings) throws IOException {
    var configuration = new Configuration(settings);
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
                configuration,
                JobManager.Lifetime.SESSION,
                Optional.empty(),
                Lease.DEFAULT));
    jobManager.start(new BehindLinks(configuration));
    client = ControlLine.client(IDENTITY, APPLICATION, this::address, PATIENCE);
  }

  @AfterEach
  void end() throws IOException {
    client.close();
    jobManager.close();
    taskManagers.forEach(TaskManagerProcess::close);
    for (LimitedLink link : links) {
      link.close();
    }
  }

  private InetSocketAddress address() {
    return InetSocketAddress.createUnresolved("localhost", jobManager.controlPort());
  }

  @Test
  void aLinkThatLosesAllIsNoticedAndNobodyIsReplacedForIt() throws Exception {
    start(Map.of("exchange.peer-timeout", "2 s"));
    var output = new CommittedOutput("over links that are cut");
    client.submit(spec(job(output, RECORDS, 15_000)));
    Eventually.holds("something is committed", () -> !output.records().isEmpty());

    links.forEach(LimitedLink::cut);
    Eventually.holds("the job has started again", () -> details().restarts() > 0);
    JobDetails details = details();
    client.follow(JOB, PATIENCE).await();

    assertThat(links).anyMatch(link -> link.lost() > 0);
    assertThat(details.changes())
        .as("why")
        .anyMatch(change -> change.note().matches(".*TaskManager container_\\d.*"));
    assertThat(taskManagers).hasSize(2);
    assertSums(output, RECORDS);
  }

  @Test
  void aNarrowLinkHoldsUpRecordsAndNeitherCheckpointsNorHeartbeats() throws Exception {
    start(Map.of());
    var output = new CommittedOutput("over narrow links");
    client.submit(spec(job(output, MANY_RECORDS, Double.MAX_VALUE)));
    Eventually.holds("both are there", () -> links.size() == 2);
    links.forEach(link -> link.carryOnly(125_000)); // 1 Mbit/s

    var checkpoints = new TreeSet<String>();
    Eventually.holds(
        "checkpoints complete while records wait",
        () -> {
          details().lastCheckpoint().ifPresent(checkpoints::add);
          return checkpoints.size() > 3;
        });
    assertThat(details().summary().status()).isEqualTo(JobStatus.RUNNING);
    assertThat(output.records().size()).as("the rest is on its way").isLessThan(MANY_RECORDS);
    links.forEach(link -> link.carryOnly(Long.MAX_VALUE));
    client.follow(JOB, PATIENCE).await();

    assertThat(links).anyMatch(link -> link.heldBackMillis() > 0);
    assertThat(details().restarts()).isZero();
    assertThat(taskManagers).hasSize(2);
    assertSums(output, MANY_RECORDS);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void whatALinkChangesIsNotTakenForWhatWasSent(Spoil how) throws Exception {
    start(Map.of());
    var output = new CommittedOutput("over links that spoil: " + how);
    client.submit(spec(job(output, RECORDS, 10_000)));
    Eventually.holds("something is committed", () -> !output.records().isEmpty());

    links.forEach(link -> link.spoil(how));
    Eventually.holds("the job has started again", () -> details().restarts() > 0);
    client.follow(JOB, PATIENCE).await();

    assertThat(taskManagers).hasSize(2);
    assertSums(output, RECORDS);
  }

  /** Heartbeats go another way. */
  @Test
  void whoDoesNotReadIsNotTakenForDead() throws Exception {
    buffer = LimitedLink.LARGE;
    start(
        Map.of(
            "exchange.peer-timeout",
            "60 s",
            "heartbeat.interval",
            "200 ms",
            "heartbeat.timeout",
            "2 s"));
    var output = new CommittedOutput("over links that nobody reads");
    int records = 3 * RECORDS;
    client.submit(spec(job(output, records, 15_000)));
    Eventually.holds("something is committed", () -> !output.records().isEmpty());

    links.forEach(link -> link.carryOnly(0));
    Eventually.holds(
        "bytes have waited, in each direction, for twice as long as heartbeats may",
        () -> links.stream().anyMatch(link -> link.heldBackMillis() > 8_000));
    JobDetails details = details();
    links.forEach(link -> link.carryOnly(Long.MAX_VALUE));
    client.follow(JOB, PATIENCE).await();

    assertThat(details.summary().status()).isEqualTo(JobStatus.RUNNING);
    assertThat(details().restarts()).isZero();
    assertThat(taskManagers).hasSize(2);
    assertSums(output, records);
  }

  private JobDetails details() {
    try {
      return client.job(Optional.of(JOB), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JobGraph job(CommittedOutput output, int records, double rate) {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(2);
    env.set("execution.checkpointing.interval", "50 ms");
    env.set("exchange.batch.records", "50");
    env.set("restart-strategy.type", "fixed-delay");
    env.set("restart-strategy.fixed-delay.attempts", "100");
    env.set("restart-strategy.fixed-delay.delay", "50 ms");
    env.fromGenerator(index -> index, records, rate)
        .map(value -> Tuple2.of(PADDING + value % 7, 1L))
        .keyBy(pair -> pair.f0)
        .sum(1)
        .map(pair -> pair.f0.substring(PADDING.length()) + "=" + pair.f1)
        .sinkTo(output);
    return env.getJobGraph();
  }

  private static JobSpec spec(JobGraph graph) {
    return new JobSpec(JOB, "0".repeat(32), graph, List.of(), Optional.empty());
  }

  private static void assertSums(CommittedOutput output, int records) {
    var expected =
        LongStream.range(0, records).mapToObj(i -> i % 7 + "=" + (i / 7 + 1)).sorted().toList();
    assertThat(output.records().stream().sorted().toList()).isEqualTo(expected);
  }

  /** Others are told an address of each TaskManager where a link listens. */
  private final class BehindLinks implements ResourceManager {
    private final Configuration configuration;

    BehindLinks(Configuration configuration) {
      this.configuration = configuration;
    }

    @Override
    public void want(int wanted) {
      while (taskManagers.size() < wanted) {
        int number = taskManagers.size() + 1;
        var id = new TaskManagerId("container_" + number);
        String at = "127.0.0." + (number + 1);
        try {
          var taskManager =
              TaskManagerProcess.start(
                  new TaskManagerProcess.Setup(
                      IDENTITY,
                      APPLICATION,
                      id,
                      at,
                      "127.0.0.1",
                      0,
                      address(),
                      Optional.empty(),
                      store,
                      classes,
                      new LocalOrigin(),
                      LocalFolders.alone(scratch.resolve(id.value())),
                      configuration));
          taskManagers.add(taskManager);
          links.add(new LimitedLink(at, "127.0.0.1", taskManager.dataPort(), buffer));
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
