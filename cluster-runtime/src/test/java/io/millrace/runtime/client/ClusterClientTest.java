package io.millrace.runtime.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.executor.JobClient;
import io.millrace.runtime.client.ClusterClient.NoAnswerException;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ClusterClientTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  /** A JobManager that answers at once as it is told, {@code null} being silence. */
  private static final class Scripted implements ClientLine {
    private final Function<ClientRequest, ClientAnswer> script;
    final List<ClientRequest> asked = new ArrayList<>();
    boolean connected = true;
    BooleanSupplier seek = () -> true;
    private Consumer<ClientAnswer> answers;

    Scripted(Function<ClientRequest, ClientAnswer> script) {
      this.script = script;
    }

    @Override
    public void open(Consumer<ClientAnswer> answers) {
      this.answers = answers;
    }

    @Override
    public boolean send(ClientRequest request) {
      asked.add(request);
      ClientAnswer answer = script.apply(request);
      if (answer != null) {
        answers.accept(answer);
        answers.accept(answer);
      }
      return connected;
    }

    @Override
    public boolean seek() {
      return seek.getAsBoolean();
    }

    @Override
    public String trouble() {
      return "the line is dead";
    }

    @Override
    public void close() {}
  }

  private static JobSummary summary(JobStatus status) {
    return new JobSummary(JOB, "job", status, 1_000, status.terminal() ? 3_500 : -1);
  }

  private static ClientAnswer details(long number, JobStatus status, Failure failure) {
    return new ClientAnswer.JobDetails(
        number, summary(status), List.of(), 0, 0, Optional.empty(), Optional.ofNullable(failure));
  }

  @Test
  void answersFindTheirQuestions() throws Exception {
    var line =
        new Scripted(
            request ->
                new ClientAnswer.Jobs(request.number(), List.of(summary(JobStatus.RUNNING))));
    try (var client = new ClusterClient(line, Duration.ofSeconds(5))) {
      assertThat(client.listJobs()).containsExactly(summary(JobStatus.RUNNING));
      assertThat(client.listJobs()).containsExactly(summary(JobStatus.RUNNING));
    }
    assertThat(line.asked)
        .containsExactly(new ClientRequest.ListJobs(1), new ClientRequest.ListJobs(2));
  }

  @Test
  void asksAgainWhenNothingComesBack() throws Exception {
    var silences = new int[] {2};
    var line =
        new Scripted(
            request -> silences[0]-- > 0 ? null : new ClientAnswer.Accepted(request.number()));
    try (var client = new ClusterClient(line, Duration.ofSeconds(10))) {
      client.cancel(JOB);
    }
    assertThat(line.asked)
        .hasSize(3)
        .allSatisfy(request -> assertThat(request.number()).isEqualTo(1));
  }

  /** On a line that works, ten questions would take longer than the deadline. */
  @Test
  void asksSoonAgainWhileThereIsNoConnection() throws Exception {
    var silences = new int[] {10};
    var line =
        new Scripted(
            request -> silences[0]-- > 0 ? null : new ClientAnswer.Accepted(request.number()));
    line.connected = false;
    try (var client = new ClusterClient(line, Duration.ofSeconds(4))) {
      client.cancel(JOB);
    }
  }

  @Test
  void looksForTheJobManagerWhileThereIsNoAnswer() throws Exception {
    var found = new boolean[1];
    var line =
        new Scripted(request -> found[0] ? new ClientAnswer.Accepted(request.number()) : null);
    line.seek = () -> found[0] = true;
    try (var client = new ClusterClient(line, Duration.ofSeconds(20))) {
      client.cancel(JOB);
    }
  }

  @Test
  void looksForNobodyWhoAnswers() throws Exception {
    var line = new Scripted(request -> new ClientAnswer.Accepted(request.number()));
    line.seek =
        () -> {
          throw new AssertionError("there is no need to look");
        };
    try (var client = new ClusterClient(line, Duration.ofSeconds(20))) {
      client.cancel(JOB);
    }
  }

  @Test
  void waitsForNobodyOnceTheClusterHasEnded() {
    var line = new Scripted(request -> null);
    line.seek = () -> false;
    try (var client = new ClusterClient(line, Duration.ofDays(1))) {
      assertThatThrownBy(client::listJobs)
          .isInstanceOf(NoAnswerException.class)
          .hasMessageContaining("the cluster has ended");
    }
  }

  @Test
  void silenceEndsAtTheDeadlineAndSaysWhatIsWrong() {
    try (var client = new ClusterClient(new Scripted(r -> null), Duration.ofMillis(100))) {
      assertThatThrownBy(client::listJobs)
          .isInstanceOf(NoAnswerException.class)
          .hasMessageContaining("the line is dead");
    }
  }

  @Test
  void refusalsSayWhy() {
    var line = new Scripted(request -> new ClientAnswer.Refused(request.number(), "no such job"));
    try (var client = new ClusterClient(line, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> client.cancel(JOB))
          .isInstanceOf(RequestRefusedException.class)
          .hasMessage("no such job");
    }
  }

  @Test
  void aFollowedJobEndsAsTheJobDoes() throws Exception {
    var running = new int[] {3};
    var line =
        new Scripted(
            request ->
                details(
                    request.number(),
                    running[0]-- > 0 ? JobStatus.RUNNING : JobStatus.FINISHED,
                    null));
    try (var client = new ClusterClient(line, Duration.ofSeconds(5))) {
      assertThat(client.follow(JOB, Duration.ofSeconds(5)).await())
          .isEqualTo(new JobClient.Result(JOB.hex(), Duration.ofMillis(2_500)));
    }
  }

  @Test
  void aFailedJobNamesItsRootCause() {
    var failure =
        new Failure(Failure.Kind.USER, true, "parse", 2, "java.lang.X", "X: bad line 7", "");
    var line = new Scripted(request -> details(request.number(), JobStatus.FAILED, failure));
    try (var client = new ClusterClient(line, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> client.follow(JOB, Duration.ofSeconds(5)).await())
          .isInstanceOf(JobClient.JobFailedException.class)
          .hasMessageContaining("parse (subtask 2): X: bad line 7")
          .matches(e -> !((JobClient.JobFailedException) e).cancelled());
    }
    var cancelled = new Scripted(request -> details(request.number(), JobStatus.CANCELED, null));
    try (var client = new ClusterClient(cancelled, Duration.ofSeconds(5))) {
      assertThatThrownBy(() -> client.follow(JOB, Duration.ofSeconds(5)).await())
          .matches(e -> ((JobClient.JobFailedException) e).cancelled());
    }
  }

  @Test
  void aLostJobManagerIsToldAfterThePatience() {
    try (var client = new ClusterClient(new Scripted(r -> null), Duration.ofMillis(50))) {
      assertThatThrownBy(() -> client.follow(JOB, Duration.ofMillis(200)).await())
          .isInstanceOf(JobClient.JobFailedException.class)
          .hasMessageContaining("contact with job " + JOB + " is lost");
    }
  }
}
