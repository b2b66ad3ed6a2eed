package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.cli.JobWatch.End;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClientLine;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.client.ForgottenClusterException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.RunningCluster.Death;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A job is watched whose JobManager keeps silent. */
class JobWatchTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Town town = new Town();
  private final Console console =
      new Console(
          new PrintStream(out, true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          Map.of());
  private final JobWatch watch = new JobWatch(console, town, JOB, true);

  private Optional<End> lookAt(int second) throws InterruptedException {
    return watch.look(TimeUnit.SECONDS.toNanos(second));
  }

  private List<String> told() {
    return err.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void tellsOnceThatTheJobManagerIsSilentAndOnceThatItIsBack() throws Exception {
    assertThat(lookAt(0)).isEmpty();
    town.status = null;
    assertThat(lookAt(1)).isEmpty();
    assertThat(lookAt(9)).isEmpty();
    assertThat(told()).isEmpty();

    assertThat(lookAt(10)).isEmpty();
    String silence =
        "The JobManager of town at hall:1 does not answer: no answer from the JobManager within 0"
            + " s: it sleeps; waiting for it, or for one that takes over, as the job may run on";
    assertThat(told()).containsExactly(silence);
    assertThat(lookAt(36_000)).isEmpty();
    assertThat(told()).containsExactly(silence);

    town.status = JobStatus.RUNNING;
    assertThat(lookAt(36_001)).isEmpty();
    assertThat(lookAt(36_002)).isEmpty();
    assertThat(told()).containsExactly(silence, "The JobManager of town at hall:1 answers again");
    town.status = JobStatus.FINISHED;
    assertThat(lookAt(36_003)).map(End::status).contains(JobStatus.FINISHED);
  }

  @Test
  void tellsTheNextSilenceToo() throws Exception {
    lookAt(0);
    for (int second : List.of(100, 200)) {
      town.status = null;
      lookAt(second);
      town.status = JobStatus.RUNNING;
      lookAt(second + 1);
    }
    assertThat(told()).hasSize(4);
  }

  @Test
  void tellsWhereTheOneIsThatHasTakenOver() throws Exception {
    lookAt(0);
    town.status = null;
    lookAt(100);
    town.jobManager = "mill:2";
    lookAt(101);
    town.status = JobStatus.RUNNING;
    lookAt(102);
    assertThat(told()).endsWith("The JobManager of town at mill:2 answers again");
  }

  /** Not that of those before: the session was there. */
  @Test
  void tellsOnceHowAJobManagerHasEndedThatAnotherSucceeds() throws Exception {
    town.lastDeath = Optional.of(new Death(1, "the first was killed"));
    town.changes = List.of(change(1_000));
    lookAt(0);
    lookAt(1);
    assertThat(told()).isEmpty();

    town.lastDeath = Optional.of(new Death(2, "the second was killed"));
    town.changes = List.of(change(2_000));
    lookAt(2);
    lookAt(3);
    assertThat(told()).containsExactly("the second was killed");

    town.lastDeath = Optional.of(new Death(3, "the third crashed"));
    town.changes = List.of(change(3_000));
    lookAt(4);
    assertThat(told()).containsExactly("the second was killed", "the third crashed");
  }

  private static Change change(long wallMillis) {
    return new Change(wallMillis, JobStatus.INITIALIZING, "", false);
  }

  @Test
  void doesNotTellAShortSilence() throws Exception {
    lookAt(0);
    town.status = null;
    lookAt(9);
    town.status = JobStatus.RUNNING;
    lookAt(10);
    town.status = null;
    lookAt(19);
    assertThat(told()).isEmpty();
  }

  @Test
  void aJobThatTheJobManagerDoesNotKnowYetIsNoSilence() throws Exception {
    town.refuses = true;
    lookAt(0);
    lookAt(100);
    assertThat(told()).isEmpty();
  }

  /** Nobody waits for minutes for a cluster of which is known that it is none. */
  @Test
  void givesUpSoonWhatYarnHasForgotten() throws Exception {
    lookAt(0);
    town.status = null;
    town.out = true;
    assertThat(lookAt(200)).isEmpty();
    town.forgotten = true;
    assertThat(lookAt(201)).isEmpty();
    assertThat(lookAt(230)).isEmpty();
    assertThatThrownBy(() -> lookAt(231)).hasMessage("town is on no map");
  }

  @Test
  void tellsThatThereIsNoJobManager() throws Exception {
    town.jobManager = "";
    lookAt(0);
    lookAt(10);
    assertThat(told())
        .containsExactly("There is no JobManager of town; waiting for one, as the job may run on");
  }

  /** That is told otherwise, and may take as long as a queue is full. */
  @Test
  void waitsForYarnToStartOneWithoutAWord() throws Exception {
    town.jobManager = "";
    town.state = State.ACCEPTED;
    lookAt(0);
    lookAt(36_000);
    town.state = State.RUNNING;
    lookAt(36_001);
    assertThat(told()).isEmpty();
  }

  private static final List<Change> LIFE =
      List.of(
          new Change(5_000, JobStatus.INITIALIZING, ""),
          new Change(5_250, JobStatus.CREATED, "a TaskManager has registered: c_2", true),
          new Change(6_000, JobStatus.RUNNING, ""),
          new Change(7_000, JobStatus.RESTARTING, "c_2 was lost"),
          new Change(7_500, JobStatus.RUNNING, "a TaskManager has registered: c_3", true));

  @Test
  void whatLeadsUpToAStateIsToldToWhoAsksForItOnly() throws Exception {
    town.changes = LIFE;
    lookAt(0);
    assertThat(told()).isEmpty();
    String plain = out.toString(StandardCharsets.UTF_8);
    assertThat(plain.lines())
        .hasSize(3)
        .allMatch(line -> line.contains("Job " + JOB + " is "))
        .noneMatch(line -> line.contains("registered"));
    out.reset();

    new JobWatch(console.verbose(4_000), town, JOB, true).look(0);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(plain);
    assertThat(told())
        .containsExactly(
            "[   1000 ms] the job is INITIALIZING",
            "[   1250 ms] a TaskManager has registered: c_2",
            "[   2000 ms] the job is RUNNING");
  }

  @Test
  void tellsWhatYarnSaysOfAClusterThatComesUp() throws Exception {
    var rising = new JobWatch(console.verbose(0), town, JOB, false);
    town.jobManager = "";
    town.state = State.ACCEPTED;
    rising.look(0);
    rising.look(1);
    town.launched = OptionalLong.of(3_000);
    town.state = State.RUNNING;
    town.jobManager = "hall:1";
    rising.look(2);
    town.status = null;
    rising.look(3);
    assertThat(told().stream().map(line -> line.replaceFirst("^\\[ *\\d+ ms\\] ", "")))
        .containsExactly(
            "YARN says ACCEPTED",
            "YARN has started the JobManager's container",
            "YARN says RUNNING",
            "YARN knows the JobManager, at hall:1");
    assertThat(told().get(1)).startsWith("[   3000 ms] ");
  }

  @Test
  void givesUpOnAClusterThatCannotBeAsked() throws Exception {
    town.out = true;
    lookAt(0);
    lookAt(10);
    assertThat(told())
        .containsExactly(
            "town does not answer: nobody is in; waiting until it does, as the job may run on");
    lookAt(300);
    assertThatThrownBy(() -> lookAt(301))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("whether the job runs is not known: nobody is in");
  }

  /** A cluster of many jobs; only what a watch asks is answered. */
  private static final class Town implements RunningCluster, ClientLine {
    private final ClusterClient client = new ClusterClient(this, Duration.ofMillis(1));
    private Consumer<ClientAnswer> answers;
    private State state = State.RUNNING;
    private String jobManager = "hall:1";

    /** Of the job; {@code null} while the JobManager is silent. */
    private JobStatus status = JobStatus.RUNNING;

    private List<Change> changes = List.of();
    private OptionalLong launched = OptionalLong.empty();
    private Optional<Death> lastDeath = Optional.empty();
    private boolean refuses;
    private boolean out;
    boolean forgotten;

    @Override
    public String id() {
      return "town";
    }

    @Override
    public Situation situation() throws IOException {
      if (forgotten) {
        throw new ForgottenClusterException("town is on no map", null);
      }
      if (out) {
        throw new IOException("nobody is in");
      }
      return new Situation(state, jobManager, Outcome.UNDEFINED, "", launched);
    }

    @Override
    public Optional<Death> lastDeath() {
      return lastDeath;
    }

    @Override
    public ClusterClient client() {
      return client;
    }

    @Override
    public void open(Consumer<ClientAnswer> taker) {
      answers = taker;
    }

    @Override
    public boolean send(ClientRequest request) {
      if (refuses) {
        answers.accept(new ClientAnswer.Refused(request.number(), "there is no such job"));
      } else if (status != null) {
        answers.accept(
            new JobDetails(
                request.number(),
                new JobSummary(JOB, "job", status, 1_000, status.terminal() ? 2_000 : -1),
                changes,
                changes.size(),
                0,
                Optional.empty(),
                Optional.empty()));
      }
      return true;
    }

    @Override
    public String trouble() {
      return "it sleeps";
    }

    @Override
    public Optional<JobResult> result(JobId job) {
      return Optional.empty();
    }

    @Override
    public void close() {}

    @Override
    public boolean outlivesJobs() {
      return true;
    }

    @Override
    public void kill() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean awaitGone(Duration time) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String cancelCommand(JobId job) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String killCommand() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String settleAdvice() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String logs() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String outputs() {
      throw new UnsupportedOperationException();
    }
  }
}
