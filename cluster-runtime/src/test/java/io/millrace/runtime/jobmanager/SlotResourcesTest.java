package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Slot sharing groups that say what their slots need are served by TaskManagers of their own. */
class SlotResourcesTest {
  private static final SlotResources EACH = new SlotResources(2000, 512, 0, 0);
  private static final Optional<SlotResources> HEAVY = Optional.of(EACH);
  private static final Optional<SlotResources> PLAIN = Optional.empty();
  private static final JobId OTHER = new JobId("f".repeat(32));

  private final MemoryCheckpointStore store = new MemoryCheckpointStore();

  @BeforeEach
  void forgetSinkCalls() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
  }

  private ScriptedCluster cluster(JobManager.Lifetime lifetime, int slotsToMeasure) {
    var cluster = new ScriptedCluster(store, 1, Configuration.EMPTY, lifetime, Optional.empty());
    cluster.slotsToMeasure = slotsToMeasure;
    return cluster;
  }

  private static void run(ScriptedCluster cluster, Map<String, String> settings) {
    cluster.running(TestJobs.spec(TestJobs.JOB, TestJobs.measured(settings, EACH)));
  }

  @Test
  void eachTaskRunsWhereItsSlotIsMadeForIt() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB, 2);

    run(cluster, Map.of());

    assertThat(cluster.madeFor(HEAVY)).as("two slots each").hasSize(TestJobs.PARALLELISM / 2);
    assertThat(cluster.madeFor(PLAIN)).as("one slot each").hasSize(TestJobs.PARALLELISM);
    assertSinksApart(cluster, cluster.lastDeploy());
  }

  /** Of the plan of {@link TestJobs#measured}: the last chain is the sinks. */
  private static void assertSinksApart(ScriptedCluster cluster, ToTaskManager.Deploy deploy) {
    List<List<Integer>> placement = deploy.placement();
    for (int chain = 0; chain < placement.size(); chain++) {
      var places = new TreeSet<TaskManagerId>();
      placement.get(chain).forEach(at -> places.add(deploy.locations().get(at).id()));
      assertThat(cluster.madeFor(chain == placement.size() - 1 ? HEAVY : PLAIN))
          .as("chain " + chain)
          .containsAll(places);
    }
  }

  @Test
  void theOneThatIsLostIsReplacedByOneOfItsKind() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB, 1);
    run(cluster, Map.of());

    cluster.kill(cluster.madeFor(HEAVY).get(0));
    cluster.until(() -> cluster.deploys().stream().anyMatch(each -> each.generation() == 2));

    assertThat(cluster.madeFor(HEAVY)).hasSize(TestJobs.PARALLELISM);
    assertThat(cluster.madeFor(PLAIN)).hasSize(TestJobs.PARALLELISM);
    assertSinksApart(cluster, cluster.lastDeploy());
  }

  @Test
  void theOneThatLeavesIsReplacedByOneOfItsKindFirst() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB, 1);
    run(cluster, Map.of("execution.checkpointing.interval", "10 min"));
    TaskManagerId leaving = cluster.madeFor(HEAVY).get(0);

    cluster.deliver(new Address("resources"), new ResourceManager.Leaving(leaving, "it must"));
    cluster.until(() -> !cluster.taskManagers.containsKey(leaving));

    assertThat(cluster.madeFor(HEAVY)).hasSize(TestJobs.PARALLELISM);
    assertThat(cluster.madeFor(PLAIN)).hasSize(TestJobs.PARALLELISM);
    assertThat(cluster.details().restarts()).isZero();
  }

  @Test
  void whereTaskManagersAreAllAlikeAnySlotWillDo() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.PER_JOB, 0);

    run(cluster, Map.of());

    assertThat(cluster.madeFor(PLAIN)).hasSize(2 * TestJobs.PARALLELISM);
  }

  @Test
  void nobodyKeepsThemOnceTheirJobHasEnded() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    run(cluster, Map.of());

    cluster.client(new ClientRequest.Cancel(7, TestJobs.JOB));
    cluster.until(() -> cluster.taskManagers.isEmpty());

    assertThat(cluster.finished).isEmpty();
  }

  /** Copies of its state lie there; what came later goes instead. */
  @Test
  void aJobThatPausesKeepsThoseOfEachKind() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    run(
        cluster,
        Map.of(
            "restart-strategy.type", "fixed-delay", "restart-strategy.fixed-delay.delay", "5 min"));
    List<TaskManagerId> plain = cluster.madeFor(PLAIN);
    List<TaskManagerId> heavy = cluster.madeFor(HEAVY);
    cluster.taskManagers.get(plain.get(0)).fail(Failure.of(Failure.Kind.USER, "user code"));
    cluster.runFor(5_000);
    cluster.startTaskManager(PLAIN);
    cluster.startTaskManager(HEAVY);
    cluster.runFor(5_000);
    assertThat(cluster.taskManagers).hasSize(plain.size() + heavy.size() + 2);

    cluster.until(() -> cluster.taskManagers.size() == plain.size() + heavy.size());

    assertThat(cluster.madeFor(PLAIN)).isEqualTo(plain);
    assertThat(cluster.madeFor(HEAVY)).isEqualTo(heavy);
    cluster.until(() -> cluster.lastDeploy().generation() == 2);
    assertThat(cluster.lastDeploy().locations())
        .extracting(TaskManagerLocation::id)
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(plain.stream(), heavy.stream()).toList());
  }

  @Test
  void aJobWhoseSlotsCannotBeMadeIsRefused() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    cluster.refusal = Optional.of("the largest container has 1 core");

    cluster.submit(TestJobs.spec(TestJobs.JOB, TestJobs.measured(Map.of(), EACH)));
    cluster.until(() -> !cluster.answers.isEmpty());

    assertThat(cluster.answers)
        .containsExactly(
            new ClientAnswer.Refused(
                1,
                "the slot sharing group 'sinks' cannot be served: the largest container has 1"
                    + " core"));
  }

  /** The platform's limits are not known yet when the job of a cluster of its own comes. */
  @Test
  void aJobIsToldAlsoIfThatIsKnownOnlyOnceItIsAccepted() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    cluster.startsTaskManagers = false;

    cluster.submit(TestJobs.spec(TestJobs.JOB, TestJobs.measured(Map.of(), EACH)));
    cluster.refusal = Optional.of("the largest container has 1 core");

    cluster.until(() -> status(cluster, TestJobs.JOB) == JobStatus.FAILED);
  }

  @Test
  void aJobWithRocksDbSaysHowMuchMemoryThatMayUse() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    var settings = Map.of("state.backend.type", "rocksdb");

    cluster.submit(TestJobs.spec(TestJobs.JOB, TestJobs.measured(settings, EACH)));
    cluster.until(() -> !cluster.answers.isEmpty());

    assertThat(((ClientAnswer.Refused) cluster.answers.get(0)).reason())
        .contains("'sinks'", "at least 8 MB of managed memory", "found 0", "setManagedMemoryMB");
  }

  @Test
  void thatSlotsCannotBeMadeEndsOnlyTheJobsThatNeedThem() {
    ScriptedCluster cluster = cluster(JobManager.Lifetime.SESSION, 1);
    cluster.startsTaskManagers = false;
    cluster.submit(TestJobs.spec(TestJobs.JOB, TestJobs.measured(Map.of(), EACH)));
    cluster.submit(TestJobs.spec(OTHER, TestJobs.graph(Map.of())));
    cluster.runFor(1_000);

    cluster.deliver(
        new Address("resources"), new ResourceManager.Unfulfillable(HEAVY, "the queue is small"));
    cluster.startsTaskManagers = true;
    cluster.startTaskManager();
    cluster.startTaskManager();

    cluster.until(() -> status(cluster, TestJobs.JOB) == JobStatus.FAILED);
    cluster.until(() -> status(cluster, OTHER) == JobStatus.FINISHED);
  }

  private static JobStatus status(ScriptedCluster cluster, JobId job) {
    cluster.answers.clear();
    cluster.client(new ClientRequest.GetJob(9, Optional.of(job), 0));
    cluster.until(() -> details(cluster).isPresent());
    return details(cluster).get().summary().status();
  }

  private static Optional<ClientAnswer.JobDetails> details(ScriptedCluster cluster) {
    return cluster.answers.stream()
        .filter(ClientAnswer.JobDetails.class::isInstance)
        .map(ClientAnswer.JobDetails.class::cast)
        .findFirst();
  }
}
