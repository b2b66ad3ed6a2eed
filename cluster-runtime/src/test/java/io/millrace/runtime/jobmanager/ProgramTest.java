package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.jobmanager.ResourceManager.Kept;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster for a main() and the jobs that it submits, and its JobManagers. */
class ProgramTest {
  private static final long END = 50;
  private static final JobId SECOND = new JobId("00000000000000000000000000000002");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = cluster(1);

  private ScriptedCluster cluster(int attempt) {
    var next =
        new ScriptedCluster(
            store,
            attempt,
            new Configuration(Map.of("jobstore.max-capacity", "1")),
            JobManager.Lifetime.APPLICATION,
            Optional.of("memory:/docket"));
    if (attempt > 1) {
      next.deliver(new Address("resources"), new Kept(List.of()));
    }
    next.runFor(100);
    return next;
  }

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private static JobSpec job(JobId id, Map<String, String> settings) {
    return new JobSpec(
        id, "00112233445566778899", TestJobs.graph(settings), List.of(), Optional.empty());
  }

  private ClientAnswer ask(ClientRequest request) {
    cluster.answers.clear();
    cluster.client(request);
    cluster.until(() -> answer(request.number()).isPresent());
    return answer(request.number()).orElseThrow();
  }

  private Optional<ClientAnswer> answer(long number) {
    return cluster.answers.stream().filter(each -> each.number() == number).findFirst();
  }

  private void submit(JobId id) {
    assertThat(ask(new ClientRequest.Submit(1, job(id, Map.of()))))
        .isEqualTo(new ClientAnswer.Accepted(1));
  }

  private void run(JobId id) {
    submit(id);
    cluster.until(() -> status(id) == JobStatus.FINISHED);
  }

  private JobStatus status(JobId id) {
    return ((ClientAnswer.JobDetails) ask(new ClientRequest.GetJob(7, Optional.of(id), 0)))
        .summary()
        .status();
  }

  private void end(JobStatus status, String reason) {
    assertThat(ask(new ClientRequest.EndProgram(END, status, reason)))
        .isEqualTo(new ClientAnswer.Accepted(END));
  }

  private Optional<JobStatus> program() {
    return ((ClientAnswer.Program) ask(new ClientRequest.GetProgram(51))).ended();
  }

  @Test
  void endsOnceMainHasEndedAndItsJobsHave() {
    run(TestJobs.JOB);
    run(SECOND);
    cluster.runFor(60_000);
    assertThat(cluster.finished).isEmpty();
    assertThat(program()).isEmpty();

    end(JobStatus.FINISHED, "");
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void waitsForJobsThatMainDidNotWaitFor() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    submit(TestJobs.JOB);
    end(JobStatus.FINISHED, "");
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    cluster.runFor(60_000);
    assertThat(cluster.finished).isEmpty();

    cluster.client(new ClientRequest.Cancel(9, TestJobs.JOB));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
  }

  @Test
  void theEndOfMainCountsOnceItIsDurable() {
    cluster.factsAreDown = true;
    cluster.client(new ClientRequest.EndProgram(END, JobStatus.FINISHED, ""));
    cluster.runFor(60_000);
    assertThat(answer(END)).isEmpty();
    assertThat(cluster.finished).isEmpty();

    cluster.factsAreDown = false;
    cluster.until(() -> cluster.finished.isPresent());
  }

  @Test
  void noJobIsForgottenWhileMainMayRunAgain() {
    run(TestJobs.JOB);
    run(SECOND);
    TestJobs.SINK_CALLS.clear();

    cluster = cluster(2);
    assertThat(program()).isEmpty();
    submit(TestJobs.JOB);
    submit(SECOND);
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.FINISHED);
    cluster.until(() -> status(SECOND) == JobStatus.FINISHED);
    cluster.runFor(60_000);

    assertThat(cluster.taskManagers).isEmpty();
    assertThat(TestJobs.SINK_CALLS).isEmpty();
  }

  @Test
  void theNextJobManagerGoesOnWithWhatMainLeft() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    submit(TestJobs.JOB);
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
    cluster.checkpoints(2);
    end(JobStatus.FINISHED, "");

    cluster = cluster(2);
    assertThat(program()).contains(JobStatus.FINISHED);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(cluster.lastDeploy().restoredManifest()).contains("manifest-");
  }

  @Test
  void theNextJobManagerEndsWhatHadEnded() {
    run(TestJobs.JOB);
    end(JobStatus.FAILED, "main() threw");
    cluster.until(() -> cluster.finished.isPresent()); // but the platform has not heard of it

    cluster = cluster(2);
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.FAILED);
    assertThat(cluster.diagnostics).isEqualTo("main() threw");
  }

  @ParameterizedTest
  @CsvSource({
    "false, FINISHED, FINISHED, it returned",
    "false, FAILED, FAILED, it returned",
    "false, CANCELED, CANCELED, it returned",
    "true, FINISHED, CANCELED, job",
    "true, FAILED, FAILED, it returned"
  })
  void theWorstOfAllIsWhatIsTold(
      boolean cancels, JobStatus program, JobStatus outcome, String diagnostics) {
    run(SECOND);
    cluster.endAfterCheckpoints = cancels ? Integer.MAX_VALUE : 1;
    submit(TestJobs.JOB);
    if (cancels) {
      cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);
      cluster.client(new ClientRequest.Cancel(9, TestJobs.JOB));
    }
    cluster.until(() -> status(TestJobs.JOB).terminal());
    end(program, "it returned");
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(outcome);
    assertThat(cluster.diagnostics)
        .isEqualTo(diagnostics.startsWith("job") ? "job " + TestJobs.JOB : diagnostics);
  }

  @Test
  void anotherJobUnderTheSameIdIsRefused() {
    run(TestJobs.JOB);
    cluster = cluster(2);

    assertThat(ask(new ClientRequest.Submit(1, job(TestJobs.JOB, Map.of("key", "value")))))
        .isEqualTo(new ClientAnswer.Refused(1, "it is another job: key was unset and is value"));
    assertThat(status(TestJobs.JOB)).isEqualTo(JobStatus.FINISHED);
  }

  @Test
  void takesNoJobOnceMainHasEnded() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    submit(TestJobs.JOB);
    end(JobStatus.FINISHED, "");

    assertThat(ask(new ClientRequest.Submit(1, job(SECOND, Map.of()))))
        .isInstanceOf(ClientAnswer.Refused.class);
  }

  @Test
  void whoeverWatchesHearsOfTheEnd() {
    run(TestJobs.JOB);
    ask(new ClientRequest.ListJobs(60));
    end(JobStatus.FINISHED, "");
    cluster.runFor(3_000);
    assertThat(cluster.finished).isEmpty();

    ask(new ClientRequest.ListJobs(61));
    cluster.runFor(1_000);
    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void itsUserMayStopAllOfIt() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    submit(TestJobs.JOB);
    cluster.until(() -> status(TestJobs.JOB) == JobStatus.RUNNING);

    ask(new ClientRequest.StopCluster(5));
    cluster.until(() -> cluster.finished.isPresent());
    assertThat(cluster.finished).contains(JobStatus.CANCELED);
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
  }
}
