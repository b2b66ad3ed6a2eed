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
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cluster that outlives its jobs, and its JobManagers. */
class DocketTest {
  private static final String DOCKET = "memory:/docket";
  private static final JobId OTHER = new JobId("00000000000000000000000000000001");

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private ScriptedCluster cluster = cluster(1);

  private ScriptedCluster cluster(int attempt) {
    return cluster(attempt, Map.of());
  }

  private ScriptedCluster cluster(int attempt, Map<String, String> settings) {
    return new ScriptedCluster(
        store,
        attempt,
        new Configuration(settings),
        JobManager.Lifetime.SESSION,
        Optional.of(DOCKET));
  }

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private List<String> docketed() {
    var names = store.names(DOCKET);
    return names.list("epochs").stream()
        .filter(epoch -> !epoch.name().contains("sealed"))
        .flatMap(epoch -> names.list("epochs/" + epoch.name()).stream())
        .map(entry -> entry.name())
        .filter(name -> name.startsWith("job-"))
        .toList();
  }

  /** Whoever is not answered asks again; here he waits until the docket is open. */
  private void submit(JobSpec spec) {
    cluster.runFor(100);
    cluster.submit(spec);
    cluster.until(() -> cluster.answers.contains(new ClientAnswer.Accepted(1)));
  }

  private void running() {
    cluster.endAfterCheckpoints = Integer.MAX_VALUE;
    submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.status() == JobStatus.RUNNING);
  }

  private void finished() {
    submit(TestJobs.spec(Map.of()));
    cluster.until(() -> cluster.status() == JobStatus.FINISHED);
  }

  private List<ClientAnswer.JobSummary> jobs() {
    cluster.runFor(500);
    cluster.answers.clear();
    cluster.client(new ClientRequest.ListJobs(77));
    cluster.until(() -> !cluster.answers.isEmpty());
    return ((ClientAnswer.Jobs) cluster.answers.get(0)).jobs();
  }

  private static JobSpec other() {
    return new JobSpec(
        OTHER, "00112233445566778899", TestJobs.graph(Map.of()), List.of(), Optional.empty());
  }

  @Test
  void acceptsAJobOnceItIsDurable() {
    cluster.runFor(1_000);
    cluster.factsAreDown = true;
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.runFor(20_000);
    assertThat(cluster.answers).isEmpty();
    assertThat(docketed()).isEmpty();

    cluster.factsAreDown = false;
    submit(TestJobs.spec(Map.of()));
    assertThat(docketed()).containsExactly("job-0000000000000000001");
  }

  /** Its end would not be durable, and the next JobManager would run it all the same. */
  @Test
  void failsNoJobBecauseItCannotBeClaimedHoweverFewRestartsItHas() {
    submit(TestJobs.spec(Map.of("restart-strategy.type", "none")));
    cluster.factsAreDown = true;
    cluster.runFor(60_000);
    assertThat(cluster.status().terminal()).isFalse();
    assertThat(cluster.details().changes())
        .anyMatch(change -> change.note().contains("cannot claim"));

    cluster.factsAreDown = false;
    cluster.until(() -> cluster.status() == JobStatus.FINISHED);
  }

  @Test
  void saysWhyItTakesNoJobsYet() {
    cluster.factsAreDown = true;
    cluster.runFor(60_000);
    cluster.submit(TestJobs.spec(Map.of()));
    cluster.runFor(10);

    assertThat(cluster.answers)
        .singleElement()
        .isInstanceOfSatisfying(
            ClientAnswer.Refused.class,
            refused -> assertThat(refused.reason()).contains(DOCKET).contains("the store is down"));
  }

  @Test
  void goesOnAfterAJobWithTheNext() {
    finished();
    assertThat(cluster.finished).isEmpty();

    cluster.answers.clear();
    submit(other());
    cluster.until(() -> jobs().stream().allMatch(job -> job.status() == JobStatus.FINISHED));
    assertThat(jobs()).hasSize(2);
  }

  @Test
  void theNextJobManagerGoesOnWithWhatTheClusterWasGiven() {
    running();
    cluster.checkpoints(2);

    cluster = cluster(2);
    cluster.deliver(new Address("resources"), new Kept(List.of()));
    cluster.until(() -> jobs().size() == 1);
    cluster.until(() -> cluster.finished.isPresent() || status() == JobStatus.FINISHED);

    assertThat(cluster.lastDeploy().restoredManifest()).contains("manifest-");
    assertThat(cluster.finished).isEmpty();
  }

  private JobStatus status() {
    return jobs().get(0).status();
  }

  @Test
  void doesNotRunAgainWhatHasEnded() {
    finished();
    TestJobs.SINK_CALLS.clear();

    cluster = cluster(2);
    cluster.until(() -> jobs().size() == 1 && status() == JobStatus.FINISHED);
    cluster.runFor(60_000);

    assertThat(cluster.taskManagers).isEmpty();
    assertThat(TestJobs.SINK_CALLS).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"none, 1", "job, 2"})
  void jobsThatAreIsolatedShareNoTaskManager(String isolation, int taskManagers) {
    cluster =
        cluster(
            2,
            Map.of("millrace.session.isolation", isolation, "taskmanager.numberOfTaskSlots", "4"));
    cluster.slots = 4;
    running();
    cluster.answers.clear();
    submit(other());
    cluster.until(
        () ->
            jobs().size() == 2
                && jobs().stream().allMatch(job -> job.status() == JobStatus.RUNNING));

    assertThat(cluster.taskManagers).hasSize(taskManagers);
  }

  @Test
  void forgetsWhatHasEndedLongAgo() {
    cluster = cluster(2, Map.of("jobstore.max-capacity", "1"));
    finished();
    cluster.answers.clear();
    submit(other());
    cluster.until(() -> docketed().size() == 1);

    assertThat(docketed()).containsExactly("job-0000000000000000002");
    assertThat(jobs()).singleElement().satisfies(job -> assertThat(job.job()).isEqualTo(OTHER));
  }

  @Test
  void givesBackTaskManagersThatNobodyNeeds() {
    finished();
    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);

    cluster.runFor(29_000);
    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    cluster.until(cluster.taskManagers::isEmpty);
  }

  @Test
  void keepsTaskManagersThatAJobRunsOn() {
    running();
    cluster.runFor(120_000);

    assertThat(cluster.taskManagers).hasSize(TestJobs.PARALLELISM);
    assertThat(cluster.details().restarts()).isZero();
  }

  /** Whoever cannot read yet what the cluster was given knows of no slot that nobody needs it. */
  @Test
  void givesNothingBackWhileItDoesNotKnowItsJobs() {
    cluster = cluster(2);
    cluster.factsAreDown = true;
    var kept = new TaskManagerId("tm");
    cluster.deliver(new Address("resources"), new Kept(List.of(kept)));
    var taskManager = new ScriptedTaskManager(cluster, kept, Optional.empty());
    cluster.taskManagers.put(kept, taskManager);
    cluster.toJobManager(
        kept,
        new ToJobManager.Register(
            new TaskManagerLocation(kept, "host", 1), 1, Optional.empty(), true));
    taskManager.begin();
    cluster.runFor(300_000);

    assertThat(cluster.taskManagers).containsKey(kept);
    cluster.factsAreDown = false;
    cluster.until(cluster.taskManagers::isEmpty);
  }

  @Test
  void endsAllJobsAndThenItselfWhenItIsStopped() {
    running();
    cluster.client(new ClientRequest.StopCluster(5));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
    assertThat(cluster.answers).contains(new ClientAnswer.Accepted(5));
    assertThat(TestJobs.SINK_CALLS).contains("settle false");
  }

  @Test
  void takesNothingMoreOnceItIsBeingStopped() {
    running();
    cluster.answers.clear();
    cluster.client(new ClientRequest.StopCluster(5));
    cluster.submit(other());
    cluster.runFor(5);

    assertThat(cluster.answers).anyMatch(ClientAnswer.Refused.class::isInstance);
  }

  /** Whoever has told it so may have died, or it was not connected. */
  @Test
  void tellsATaskManagerOfAJobThatIsPast() {
    running();
    var past = new JobId("f".repeat(32));
    ScriptedTaskManager any = cluster.taskManagers.firstEntry().getValue();
    any.idle.add(TestJobs.JOB);
    any.idle.add(past);
    cluster.until(() -> any.released.contains(past));
    cluster.runFor(5_000);

    assertThat(any.released).as("this one may come back").doesNotContain(TestJobs.JOB);
  }

  @Test
  void endsAJobThatItWasTakingWhenItWasStopped() {
    running();
    cluster.submit(other());
    cluster.client(new ClientRequest.StopCluster(5));
    cluster.until(() -> cluster.finished.isPresent());

    assertThat(cluster.finished).contains(JobStatus.FINISHED);
  }

  @Test
  void isFencedByTheNextOneThoughItHasNoJob() {
    cluster.runFor(1_000);
    ScriptedCluster old = cluster;
    cluster = cluster(2);
    cluster.runFor(1_000);

    old.until(() -> old.fenced.isPresent());
    assertThat(old.fenced).hasValueSatisfying(why -> assertThat(why).contains("00002-0000001"));
  }

  @Test
  void acceptsNothingOnceItIsSucceeded() {
    cluster.runFor(1_000);
    ScriptedCluster old = cluster;
    cluster = cluster(2);
    cluster.runFor(1_000);
    old.submit(TestJobs.spec(Map.of()));

    old.until(() -> old.fenced.isPresent());
    assertThat(old.answers).isEmpty();
    assertThat(docketed()).isEmpty();
  }
}
