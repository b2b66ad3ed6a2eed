package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.accumulator.LongCounter;
import io.millrace.api.config.Configuration;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichMapFunction;
import io.millrace.api.function.SinkFunction;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.JobManagerProcess;
import io.millrace.runtime.host.LocalFolders;
import io.millrace.runtime.host.TaskManagerProcess;
import io.millrace.runtime.host.UserProgram;
import io.millrace.runtime.jobmanager.JobManager;
import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.plan.UserClasses;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A main() of two jobs, whose JobManager goes away in each; with real ports and TaskManagers. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProgramOutlivesJobManagersTest {
  private static final String APPLICATION = "application_1_0001";
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(APPLICATION);
  private static final long NUMBERS = 4_000;

  /** What runs of main() have come to know. */
  private static final BlockingQueue<String> KNOWN = new LinkedBlockingQueue<>();

  @TempDir Path scratch;

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final UserClasses classes =
      new UserClasses() {
        @Override
        public ClassLoader open(JobId job, List<JarRef> jars) {
          return ProgramOutlivesJobManagersTest.class.getClassLoader();
        }

        @Override
        public void release(JobId job) {}
      };
  private final ConcurrentSkipListMap<TaskManagerId, TaskManagerProcess> taskManagers =
      new ConcurrentSkipListMap<>();
  private final BlockingQueue<JobStatus> finished = new LinkedBlockingQueue<>();
  private int started;
  private Attempt attempt;

  /** Counts, by way of an accumulator that each checkpoint has. */
  private static final class Counted extends RichMapFunction<Long, Long> {
    private static final long serialVersionUID = 1;
    private transient LongCounter numbers;

    @Override
    public void open(OpenContext context) {
      numbers = new LongCounter();
      getRuntimeContext().addAccumulator("numbers", numbers);
    }

    @Override
    public Long map(Long number) {
      numbers.add(1L);
      return number;
    }
  }

  private static final class Nowhere implements SinkFunction<Long> {
    private static final long serialVersionUID = 1;

    @Override
    public void invoke(Long number, Context context) {}
  }

  /** The second job counts as many as the first has. */
  public static final class OneAfterAnother {
    public static void main(String[] words) throws Exception {
      long first = count("first", NUMBERS);
      KNOWN.add("first " + first);
      KNOWN.add("second " + count("second", first));
    }

    private static long count(String name, long count) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.enableCheckpointing(100);
      env.<Long>fromGenerator(index -> index, count, 1_000)
          .map(new Counted())
          .addSink(new Nowhere());
      return env.execute(name).<Long>getAccumulatorResult("numbers");
    }
  }

  /** One JobManager, and main() beside it. */
  private final class Attempt implements ResourceManager {
    final JobManagerProcess process;
    final ClusterClient client;
    final Thread main;

    Attempt(int number) throws IOException {
      process =
          JobManagerProcess.open(
              new JobManagerProcess.Setup(
                  IDENTITY,
                  APPLICATION,
                  number,
                  "localhost",
                  "localhost",
                  0,
                  store,
                  classes,
                  Configuration.EMPTY,
                  JobManager.Lifetime.APPLICATION,
                  Optional.of("memory:/docket"),
                  Lease.DEFAULT));
      process.start(this);
      if (number > 1) {
        process.events().accept(new Kept(List.copyOf(taskManagers.keySet())));
      }
      client = process.client(Duration.ofSeconds(30));
      main = new Thread(this::run, "main-" + number);
      main.setDaemon(true);
      main.start();
    }

    private void run() {
      var cluster =
          new ProgramExecutor.Cluster(
              APPLICATION, Configuration.EMPTY, List.of(), Optional.empty(), new NoFiles());
      try {
        new ProgramRun(
                cluster,
                client,
                List.of(),
                () ->
                    UserProgram.of(
                        OneAfterAnother.class.getName(), getClass().getClassLoader(), "test.jar"),
                new ProgramRun.Leaving() {
                  @Override
                  public void begin() {}

                  @Override
                  public void halt() {}
                })
            .run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // its JobManager is gone
      }
    }

    void die() throws InterruptedException {
      process.close();
      client.close();
      while (main.isAlive()) { // as long as it wants to tell its end to nobody
        main.interrupt();
        main.join(50);
      }
    }

    private InetSocketAddress address() {
      return InetSocketAddress.createUnresolved("localhost", process.controlPort());
    }

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
                      new HdfsOrigin(new org.apache.hadoop.conf.Configuration(false)),
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
      finished.add(status);
    }

    @Override
    public void fenced(String reason) {}
  }

  @AfterEach
  void end() throws InterruptedException {
    attempt.die();
    taskManagers.values().forEach(TaskManagerProcess::close);
  }

  @Test
  void eachJobRunsOnce() throws Exception {
    KNOWN.clear();
    attempt = new Attempt(1);
    dieDuring(1, 2);
    assertThat(KNOWN.poll(60, TimeUnit.SECONDS)).isEqualTo("first " + NUMBERS);
    dieDuring(2, 3);

    assertThat(finished.poll(60, TimeUnit.SECONDS)).isEqualTo(JobStatus.FINISHED);
    // The third run of main() hears of the end of the first job what the second had heard.
    assertThat(KNOWN).containsExactly("first " + NUMBERS, "second " + NUMBERS);
    assertThat(started).as("TaskManagers").isEqualTo(1);
  }

  private void dieDuring(int job, int nextAttempt) throws Exception {
    JobId id = ProgramExecutor.idOf(APPLICATION, job);
    int restarts = awaitCheckpoint(id).restarts();
    attempt.die();
    attempt = new Attempt(nextAttempt);
    JobDetails details = awaitCheckpoint(id);
    assertThat(details.restarts()).as("its tasks run on").isEqualTo(restarts);
    assertThat(details.summary().name()).isEqualTo(job == 1 ? "first" : "second");
  }

  private JobDetails awaitCheckpoint(JobId job) throws Exception {
    while (true) {
      try {
        JobDetails details = attempt.client.job(Optional.of(job), 0);
        if (details.summary().status() == JobStatus.RUNNING
            && details.lastCheckpoint().isPresent()) {
          return details;
        }
        assertThat(details.summary().status().terminal()).isFalse();
      } catch (IOException e) {
        // main() has not submitted it yet.
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }
}
