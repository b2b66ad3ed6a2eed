package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.executor.JobClient;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.client.ClientLine;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.UserProgram;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobSpec.RestoreFrom;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A main() in the ApplicationMaster, before a JobManager that says what the test wants. */
class ProgramRunTest {
  private static final String APPLICATION = "application_1700000000000_0001";

  private final JobManager jobManager = new JobManager();
  private Optional<Restored> restore = Optional.empty();
  private ProgramExecutor.Files files = new NoFiles();

  /** Answers at once. */
  private static final class JobManager implements ClientLine {
    final List<JobSpec> submitted = new ArrayList<>();
    final List<JobId> before = new ArrayList<>();
    Optional<JobStatus> ended = Optional.empty();
    Optional<String> refusal = Optional.empty();
    JobStatus status = JobStatus.FINISHED;
    JobStatus told;
    String reason;
    private Consumer<ClientAnswer> client;

    @Override
    public void open(Consumer<ClientAnswer> answers) {
      client = answers;
    }

    @Override
    public boolean send(ClientRequest request) {
      client.accept(answer(request));
      return true;
    }

    private ClientAnswer answer(ClientRequest request) {
      long number = request.number();
      if (request instanceof ClientRequest.GetProgram) {
        return new ClientAnswer.Program(number, ended, before);
      } else if (request instanceof ClientRequest.Submit submit) {
        if (refusal.isPresent()) {
          return new ClientAnswer.Refused(number, refusal.get());
        }
        submitted.add(submit.spec());
        return new ClientAnswer.Accepted(number);
      } else if (request instanceof ClientRequest.GetJob get) {
        return new ClientAnswer.JobDetails(
            number,
            summary(get.job().orElseThrow()),
            List.of(),
            0,
            0,
            Optional.empty(),
            Optional.empty());
      } else if (request instanceof ClientRequest.ListJobs) {
        return new ClientAnswer.Jobs(
            number, submitted.stream().map(spec -> summary(spec.job())).toList());
      } else if (request instanceof ClientRequest.EndProgram end) {
        told = end.status();
        reason = end.reason();
        return new ClientAnswer.Accepted(number);
      }
      throw new AssertionError("nobody asks this here: " + request);
    }

    private ClientAnswer.JobSummary summary(JobId job) {
      return new ClientAnswer.JobSummary(job, "job", status, 1, 2);
    }

    @Override
    public String trouble() {
      return "none";
    }

    @Override
    public void close() {}
  }

  private void run(Class<?> main, String... arguments) throws Exception {
    var cluster =
        new ProgramExecutor.Cluster(APPLICATION, Configuration.EMPTY, List.of(), restore, files);
    try (var client = new ClusterClient(jobManager, Duration.ofSeconds(10))) {
      new ProgramRun(
              cluster,
              client,
              List.of(arguments),
              () -> UserProgram.of(main.getName(), getClass().getClassLoader(), "test.jar"),
              new ProgramRun.Leaving() {
                @Override
                public void begin() {}

                @Override
                public void halt() {}
              })
          .run();
    }
  }

  private List<JobId> submitted() {
    return jobManager.submitted.stream().map(JobSpec::job).toList();
  }

  private static JobId id(int number) {
    return ProgramExecutor.idOf(APPLICATION, number);
  }

  private static StreamExecutionEnvironment environment() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromElements(1, 2).print();
    return env;
  }

  /** As many jobs as its argument says. */
  public static final class Jobs {
    public static void main(String[] words) throws Exception {
      for (int number = Integer.parseInt(words[0]); number > 0; number--) {
        environment().execute("job " + number);
      }
    }
  }

  @Test
  void everyRunGivesItsJobsTheSameIds() throws Exception {
    run(Jobs.class, "2");
    assertThat(submitted()).containsExactly(id(1), id(2)).doesNotHaveDuplicates();
    assertThat(jobManager.told).isEqualTo(JobStatus.FINISHED);

    jobManager.before.addAll(List.of(id(1)));
    jobManager.submitted.clear();
    run(Jobs.class, "2");
    assertThat(submitted()).containsExactly(id(1), id(2));
    assertThat(jobManager.told).isEqualTo(JobStatus.FINISHED);
    assertThat(ProgramExecutor.idOf("application_1700000000000_0002", 1)).isNotEqualTo(id(1));
  }

  @Test
  void mainDoesNotRunAgainOnceItHasEnded() throws Exception {
    jobManager.ended = Optional.of(JobStatus.FINISHED);
    run(Jobs.class, "2");

    assertThat(submitted()).isEmpty();
    assertThat(jobManager.told).isNull();
  }

  @Test
  void aRunThatLeavesAJobOutHasFailed() throws Exception {
    jobManager.before.addAll(List.of(id(1), id(2)));
    run(Jobs.class, "1");

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).contains("has ended without a job that it had submitted before");
  }

  @Test
  void aJobThatIsNotWhatItWasIsNamed() throws Exception {
    jobManager.before.add(id(1));
    jobManager.refusal = Optional.of("it is another job: its name was 'a' and is 'b'");
    run(Jobs.class, "1");

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason)
        .contains("its job number 1 is not what it was: it is another job: its name was 'a'")
        .contains("must build the same jobs in the same order in every run");
  }

  @Test
  void mainWithoutAJobHasFailed() throws Exception {
    run(Jobs.class, "0");

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).contains("didn't contain a Millrace job").contains("$Jobs ended");
  }

  @Test
  void whatMainThrowsIsToldWithItsPlace() throws Exception {
    run(Jobs.class, "many");

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason)
        .contains("java.lang.NumberFormatException: For input string: \"many\"");
  }

  @Test
  void aJobThatWasCancelledIsNoFailureOfMain() throws Exception {
    jobManager.status = JobStatus.CANCELED;
    run(Jobs.class, "2");

    assertThat(submitted()).containsExactly(id(1));
    assertThat(jobManager.told).isEqualTo(JobStatus.CANCELED);
    assertThat(jobManager.reason).isEqualTo("job " + id(1) + " was cancelled");
  }

  /** Catches that its job is refused. */
  public static final class Catches {
    public static void main(String[] words) throws Exception {
      try {
        environment().execute();
      } catch (RuntimeException e) {
        System.out.println("never mind: " + e.getMessage());
      }
    }
  }

  @Test
  void aRefusedJobIsAFailureThoughMainCatchesIt() throws Exception {
    jobManager.refusal = Optional.of("no");
    run(Catches.class);

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).isEqualTo("no");
  }

  /** Is not there at the first tries. */
  private record Absent() implements Sink<Integer> {
    static final AtomicInteger TRIES_LEFT = new AtomicInteger();

    @Override
    public void validate(Scope scope) throws IOException {
      if (TRIES_LEFT.getAndDecrement() > 0) {
        throw new ConnectException("Connection refused");
      }
    }

    @Override
    public SinkWriter<Integer> writer(WriterContext context) {
      throw new UnsupportedOperationException("no job runs here");
    }
  }

  /** Writes to it. */
  public static final class WritesToTheAbsent {
    public static void main(String[] words) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      env.fromElements(1, 2).sinkTo(new Absent());
      env.execute();
    }
  }

  /** HDFS comes back after that many looks at it. */
  private static ProgramExecutor.Files away(int looks) {
    var left = new AtomicInteger(looks);
    return new NoFiles() {
      @Override
      public boolean reachable() {
        return left.getAndDecrement() <= 0;
      }
    };
  }

  @Test
  void aJobThatBeginsDuringAnOutageWaitsForItsEnd() throws Exception {
    Absent.TRIES_LEFT.set(3);
    files = away(2);
    run(WritesToTheAbsent.class);

    assertThat(submitted()).containsExactly(id(1));
    assertThat(jobManager.told).isEqualTo(JobStatus.FINISHED);
  }

  @Test
  void soDoesOneWhoseFilesCannotBePut() throws Exception {
    var tries = new AtomicInteger();
    files =
        new NoFiles() {
          @Override
          public List<FileRef> put(JobGraph graph) throws IOException {
            if (tries.incrementAndGet() < 4) {
              throw new IOException("no DataNode", new ConnectException("Connection refused"));
            }
            return super.put(graph);
          }

          @Override
          public boolean reachable() {
            return false;
          }
        };
    run(Jobs.class, "1");

    assertThat(submitted()).containsExactly(id(1));
    assertThat(tries).hasValue(4);
  }

  @Test
  void whatIsNotThereAlthoughHdfsIsIsRefused() throws Exception {
    Absent.TRIES_LEFT.set(1_000);
    files = away(1);
    run(WritesToTheAbsent.class);

    assertThat(submitted()).isEmpty();
    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).contains("Connection refused");
    assertThat(Absent.TRIES_LEFT.get()).as("tries").isEqualTo(1_000 - 3);
  }

  /** Lets another thread submit. */
  public static final class Delegates {
    public static void main(String[] words) throws Exception {
      var thrown = new AtomicReference<Exception>();
      var other =
          new Thread(
              () -> {
                try {
                  environment().execute();
                } catch (Exception e) {
                  thrown.set(e);
                }
              },
              "helper");
      other.start();
      other.join();
      throw thrown.get();
    }
  }

  @Test
  void onlyTheThreadOfMainSubmits() throws Exception {
    run(Delegates.class);

    assertThat(submitted()).isEmpty();
    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).contains("called by the thread helper");
  }

  /** Waits for neither of two jobs. */
  public static final class SideBySide {
    public static void main(String[] words) throws Exception {
      environment().executeAsync("one");
      JobClient other = environment().executeAsync("other");
      System.out.println(other.getJobID());
    }
  }

  @Test
  void jobsMayRunSideBySide() throws Exception {
    jobManager.status = JobStatus.RUNNING;
    run(SideBySide.class);

    assertThat(submitted()).containsExactly(id(1), id(2));
    assertThat(jobManager.told).isEqualTo(JobStatus.FINISHED);
  }

  /** Goes on with the streams of a job that may still run. */
  public static final class UsesAgain {
    public static void main(String[] words) throws Exception {
      var env = StreamExecutionEnvironment.getExecutionEnvironment();
      var numbers = env.fromElements(1, 2).map(n -> n + 1);
      numbers.print();
      env.executeAsync("one");
      var filtered = numbers.filter(n -> n > 2);
      filtered.print();
      env.execute("two");
      filtered.map(n -> -n).print();
      env.execute("three");
    }
  }

  @Test
  void jobsThatShareStreamsAreTheSameInEveryRun() throws Exception {
    run(UsesAgain.class);
    List<JobSpec> first = List.copyOf(jobManager.submitted);
    jobManager.submitted.clear();
    jobManager.before.addAll(List.of(id(1), id(2)));
    run(UsesAgain.class);

    assertThat(submitted()).containsExactly(id(1), id(2), id(3));
    assertThat(jobManager.submitted.stream().map(JobSpec::graph).toList())
        .isEqualTo(first.stream().map(JobSpec::graph).toList());
    assertThat(first.get(2).graph().vertices())
        .extracting(Vertex::name)
        .containsExactly(
            "Source: Elements (splits)", "Source: Elements", "Map", "Filter", "Map", "Sink: Print");
    assertThat(jobManager.told).isEqualTo(JobStatus.FINISHED);
  }

  @Test
  void noTwoJobsThatBeganAtOneCheckpointRunSideBySide() throws Exception {
    restore =
        Optional.of(new Restored(new RestoreFrom("hdfs:/savepoint", false), "0123456789abcdef"));
    jobManager.status = JobStatus.RUNNING;
    run(SideBySide.class);

    assertThat(submitted()).containsExactly(id(1));
    assertThat(jobManager.submitted.get(0).restoreFrom()).isPresent();
    assertThat(jobManager.submitted.get(0).lineage()).isEqualTo("0123456789abcdef");
    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason).contains("has begun at the same checkpoint and still runs");
  }

  @Test
  void stateInRocksDbNeedsContainersThatWereMadeForIt() throws Exception {
    run(WantsRocksDb.class);

    assertThat(jobManager.told).isEqualTo(JobStatus.FAILED);
    assertThat(jobManager.reason)
        .contains("start the application with -D state.backend.type=rocksdb");
  }

  /** Says so itself. */
  public static final class WantsRocksDb {
    public static void main(String[] words) throws Exception {
      StreamExecutionEnvironment env = environment();
      env.set("state.backend.type", "rocksdb");
      env.execute();
    }
  }

  @Test
  void argumentsAreInNoText() {
    var program =
        new StagedCluster.Application(
            List.of(), Optional.of("Main"), List.of("--password", "secret"), Optional.empty());
    var staged =
        new StagedCluster(Map.of(), program, List.of(), "", SharedClasses.NONE, "somebody");

    assertThat(Stream.of(program, staged).map(Object::toString))
        .noneMatch(text -> text.contains("secret"));
  }

  @Test
  void everythingAboutItIsStaged() throws Exception {
    var program =
        new StagedCluster.Application(
            List.of(),
            Optional.empty(),
            List.of("--password", "secret"),
            Optional.of(new Restored(new RestoreFrom("hdfs:/savepoint", true, true), "lineage")));
    var staged =
        new StagedCluster(
            Map.of("a", "b"), program, List.of(), "lib/*", SharedClasses.NONE, "somebody");

    assertThat(StagedCluster.fromBytes(staged.toBytes())).isEqualTo(staged);
  }
}
