package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Submission;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.DeadApplications.Cleaned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.protocolrecords.GetNewApplicationResponse;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClientApplication;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which applications may be settled, and started beside: what runs is known from what is staged and
 * from YARN, but several clusters, or several lives of one, may share what is staged.
 */
class DeadApplicationsTest {
  private static final String LINEAGE = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  private static final String OTHER_LINEAGE = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  private static final JobId SECOND_JOB = new JobId("fedcba9876543210fedcba9876543210");

  /** When the ResourceManager of these tests was started. */
  private static final long START = 1_700_000_000_000L;

  private static final String OURS = "application_1700000000000_0001";
  private static final String OTHERS = "application_1600000000000_0001";

  @TempDir Path home;

  private final Map<String, YarnApplicationState> applications = new TreeMap<>();
  private Staging staging;
  private DeadApplications dead;

  /** A ResourceManager that knows the applications that a test gave it. */
  private final class Yarn extends YarnClientImpl {
    private int issued = 1;

    @Override
    public ApplicationReport getApplicationReport(ApplicationId id) throws YarnException {
      YarnApplicationState state = applications.get(id.toString());
      if (state == null) {
        throw new ApplicationNotFoundException(id + " is not known");
      }
      ApplicationReport report = Records.newRecord(ApplicationReport.class);
      report.setApplicationId(id);
      report.setYarnApplicationState(state);
      return report;
    }

    @Override
    public YarnClientApplication createApplication() {
      var context = Records.newRecord(ApplicationSubmissionContext.class);
      context.setApplicationId(ApplicationId.newInstance(START, ++issued));
      return new YarnClientApplication(Records.newRecord(GetNewApplicationResponse.class), context);
    }
  }

  @BeforeEach
  void open() throws IOException {
    var conf = new YarnConfiguration();
    conf.set(YarnConfiguration.RM_ADDRESS, "here:8032");
    Configuration configuration =
        Configuration.EMPTY.with(YarnSettings.STAGING_DIRECTORY.key(), home.toUri().toString());
    staging = Staging.of(configuration, conf);
    var yarn = new Yarn();
    dead =
        new YarnDeployer(conf, configuration, staging, yarn, ClassArchive.of(Map.of()), phase -> {})
            .deadApplications();
  }

  private void staged(String application, String lineage) throws IOException {
    stage(application, Optional.of(spec(JOB, lineage)));
  }

  private void stage(String application, Optional<JobSpec> job) throws IOException {
    staging.create(application);
    staging.write(
        staging.clusterFile(application),
        new StagedCluster(Map.of(), mode(job), List.of(), "", SharedClasses.NONE, "somebody")
            .toBytes());
  }

  private static StagedCluster.Mode mode(Optional<JobSpec> job) {
    return job.isPresent() ? new StagedCluster.OneJob(job.get()) : new StagedCluster.Session();
  }

  private static JobSpec spec(JobId job, String lineage) {
    var code = new UserCode("a", new byte[] {1});
    var source =
        new Vertex(
            "a", "a", Role.ENUMERATOR, code, 1, 16, "default", false, false, false, List.of());
    var graph = new JobGraph("job", List.of(source), List.of(), Map.of());
    return new JobSpec(job, lineage, graph, List.of(), Optional.empty());
  }

  /** A session, as its JobManager leaves it. */
  private void session(String application, JobSpec... jobs) throws IOException {
    stage(application, Optional.empty());
    var epoch = new Epoch(1, 1);
    DurableNames docket = docket(application);
    run(Claim.ofDocket(epoch, "jobmanager", 0, Optional.empty()), docket);
    for (int i = 0; i < jobs.length; i++) {
      run(WriteFact.submission(epoch, new Submission(i + 1, jobs[i]), i), docket);
    }
  }

  private DurableNames docket(String application) throws IOException {
    return staging
        .store(staging.cluster(application))
        .names(Staging.docket(staging.directory(application)).toString());
  }

  /** A job has this result already. */
  private void ended(String application, JobId job, JobStatus status) throws IOException {
    var store = staging.store(staging.cluster(application));
    DurableNames names = store.names(store.directoryOf(job));
    var epoch = new Epoch(1, 1);
    run(Claim.ofJob(epoch, "jobmanager", 0, Optional.empty()), names);
    run(WriteFact.result(epoch, new JobResult(status, Optional.empty(), 0), 1), names);
  }

  private static <R> void run(Procedure<R> procedure, DurableNames names) {
    assertThat(Procedure.run(procedure, names)).isInstanceOf(Step.Done.class);
  }

  private void longAgo(String application) throws IOException {
    Instant longAgo = Instant.now().minus(Duration.ofMinutes(11));
    Files.setLastModifiedTime(folder(application), FileTime.from(longAgo));
  }

  private Path folder(String application) {
    return home.resolve(".millrace").resolve(application);
  }

  // ---- settling

  @Test
  void settlesWhatYarnCallsEnded() throws Exception {
    for (YarnApplicationState state : YarnApplicationState.values()) {
      staged(OURS, LINEAGE);
      applications.put(OURS, state);
      Cleaned cleaned = dead.clean();
      switch (state) {
        case FINISHED, FAILED, KILLED -> {
          assertThat(cleaned.settled()).as("%s", state).singleElement().asString().contains(OURS);
          assertThat(folder(OURS)).doesNotExist();
        }
        default -> {
          assertThat(cleaned.isEmpty()).as("%s", state).isTrue();
          assertThatThrownBy(() -> dead.cleanApplication(OURS, true))
              .as("not even by force, %s", state)
              .hasMessageContaining(OURS + " is " + state);
          assertThat(folder(OURS)).exists();
        }
      }
    }
  }

  /** Also of an earlier start, if the ResourceManager has kept what it knew. */
  @Test
  void believesAResourceManagerThatKnowsAnApplicationOfAnEarlierStart() throws Exception {
    staged(OTHERS, LINEAGE);
    applications.put(OTHERS, YarnApplicationState.KILLED);
    assertThat(dead.clean().settled()).hasSize(1);
  }

  @Test
  void settlesWhatItsResourceManagerHasForgottenButNotWhileItMayBeUnderWay() throws Exception {
    staged(OURS, LINEAGE);
    assertThat(dead.clean().isEmpty()).isTrue();
    assertThatThrownBy(() -> dead.cleanApplication(OURS, false))
        .hasMessageContaining("may be under way");
    assertThat(folder(OURS)).exists();

    longAgo(OURS);
    assertThat(dead.clean().settled()).singleElement().asString().contains(OURS);
    assertThat(folder(OURS)).doesNotExist();
  }

  @Test
  void leavesAloneWhatAnotherResourceManagerHasStarted() throws Exception {
    staged(OTHERS, LINEAGE);
    longAgo(OTHERS);

    Cleaned cleaned = dead.clean();

    assertThat(cleaned.settled()).isEmpty();
    assertThat(cleaned.failed()).isEmpty();
    assertThat(cleaned.left())
        .singleElement()
        .asString()
        .contains(
            OTHERS, "ResourceManager at here:8032", "millrace clean -yid " + OTHERS + " --force");
    assertThat(dead.cleanPath(folder(OTHERS).toUri().toString()).left()).hasSize(1);
    assertThatThrownBy(() -> dead.cleanApplication(OTHERS, false))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessage(cleaned.left().get(0));
    assertThat(folder(OTHERS)).exists();
  }

  @Test
  void settlesByForceWhatItsUserKnowsToBeGone() throws Exception {
    staged(OTHERS, LINEAGE);
    // As people may write it.
    Cleaned cleaned = dead.cleanApplication("application_1600000000000_1", true);
    assertThat(cleaned.settled())
        .containsExactly(OTHERS + ": job " + JOB + " is CANCELED, its output is settled");
    assertThat(folder(OTHERS)).doesNotExist();
    assertThat(dead.cleanApplication(OTHERS, true).isEmpty()).isTrue();
  }

  @Test
  void settlesEachJobOfASessionThatIsDead() throws Exception {
    session(OURS, spec(JOB, LINEAGE), spec(SECOND_JOB, OTHER_LINEAGE));
    ended(OURS, JOB, JobStatus.FINISHED);
    applications.put(OURS, YarnApplicationState.KILLED);

    Cleaned cleaned = dead.clean();

    assertThat(cleaned.failed()).isEmpty();
    assertThat(cleaned.settled())
        .containsExactly(
            OURS
                + ": of the application, job "
                + JOB
                + " is FINISHED, job "
                + SECOND_JOB
                + " is CANCELED; their output is settled");
    assertThat(folder(OURS)).doesNotExist();
  }

  @Test
  void aSessionThatNeverCameUpLeavesNothing() throws Exception {
    stage(OURS, Optional.empty());
    applications.put(OURS, YarnApplicationState.FAILED);
    assertThat(dead.clean().settled()).containsExactly(OURS + ": the application had no job");
    assertThat(folder(OURS)).doesNotExist();
  }

  /** Nobody could say any more what it promised. */
  @Test
  void aSessionWithAJobThatCannotBeReadStays() throws Exception {
    session(OURS, spec(JOB, LINEAGE), spec(SECOND_JOB, OTHER_LINEAGE));
    applications.put(OURS, YarnApplicationState.KILLED);
    Path epochs = folder(OURS).resolve("docket/epochs");
    Path first;
    try (Stream<Path> files = Files.walk(epochs)) {
      first = files.filter(Files::isRegularFile).sorted().findFirst().orElseThrow();
    }
    Files.write(first, new byte[] {1, 2, 3});

    assertThat(dead.clean().failed()).singleElement().asString().contains(OURS);
    assertThat(folder(OURS)).exists();
  }

  @Test
  void foldersWithOtherNamesAreNobodysApplication() throws Exception {
    staging.create("application_of_mine");
    staging.create("application_1600000000000_0001.bak");
    assertThat(dead.clean().isEmpty()).isTrue();
    assertThat(folder("application_of_mine")).exists();
  }

  @Test
  void refusesToCleanWhatIsNotThere() throws Exception {
    String mistyped = home.resolve("otuput").toUri().toString();
    assertThatThrownBy(() -> dead.cleanPath(mistyped))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining("there is nothing at " + mistyped);
    assertThat(dead.cleanPath(home.toUri().toString()).isEmpty()).isTrue();
    assertThatThrownBy(() -> dead.cleanApplication("foo", false))
        .hasMessage("'foo' is not an application id such as application_1700000000000_0001");
  }

  @Test
  void whatCannotBeReadDoesNotKeepOthersFromBeingSettled() throws Exception {
    String second = "application_1700000000000_0002";
    for (String application : List.of(OURS, second)) {
      staged(application, LINEAGE);
      applications.put(application, YarnApplicationState.KILLED);
    }
    staging.write(staging.clusterFile(OURS), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

    Cleaned cleaned = dead.cleanPath(folder(second).toUri().toString());

    assertThat(cleaned.settled()).singleElement().asString().contains(second);
    assertThat(cleaned.failed())
        .containsExactly(
            OURS
                + " could not be cleaned: this is not a staged cluster; millrace clean -yid "
                + OURS
                + " tries again");
    assertThat(folder(OURS)).exists();
  }

  // ---- lineages: two jobs of one would write to the same output

  @Test
  void noJobStartsWhileOneOfItsLineageLives() throws Exception {
    staged(OURS, LINEAGE);
    for (YarnApplicationState state : YarnApplicationState.values()) {
      applications.put(OURS, state);
      switch (state) {
        case FINISHED, FAILED, KILLED -> dead.checkNoneRuns(LINEAGE);
        default ->
            assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE))
                .as("%s", state)
                .isInstanceOf(DeployRefusedException.class)
                .hasMessageContaining("still runs as " + OURS)
                .hasMessageContaining(
                    "; end it first: " + YarnApplication.cancelCommand(OURS, JOB));
      }
    }
  }

  @Test
  void noJobStartsWhileOneOfItsLineageIsAboutToBeSubmitted() throws Exception {
    staged(OURS, LINEAGE);
    assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE)).hasMessageContaining("still runs");

    longAgo(OURS); // its client died before it was submitted
    dead.checkNoneRuns(LINEAGE);
  }

  @Test
  void noJobStartsWhileOneOfItsLineageMayRunElsewhere() throws Exception {
    staged(OTHERS, LINEAGE);
    longAgo(OTHERS);
    assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE))
        .hasMessageContaining("may still run: " + OTHERS)
        .hasMessageContaining("millrace clean -yid " + OTHERS + " --force");

    dead.cleanApplication(OTHERS, true);
    dead.checkNoneRuns(LINEAGE);
  }

  @Test
  void jobsOfOtherLineagesMayRun() throws Exception {
    staged(OURS, OTHER_LINEAGE);
    applications.put(OURS, YarnApplicationState.RUNNING);
    staged(OTHERS, OTHER_LINEAGE);
    dead.checkNoneRuns(LINEAGE);

    String second = "application_1700000000000_0002";
    staged(second, LINEAGE);
    applications.put(second, YarnApplicationState.RUNNING);
    assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE)).hasMessageContaining(second);
  }

  @Test
  void aJobOfASessionMayStartAgainOnceItHasEnded() throws Exception {
    session(OURS, spec(JOB, LINEAGE), spec(SECOND_JOB, OTHER_LINEAGE));
    applications.put(OURS, YarnApplicationState.RUNNING);
    assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE))
        .hasMessageContaining("still runs as " + OURS)
        .hasMessageContaining("" + JOB);

    ended(OURS, JOB, JobStatus.FAILED);

    dead.checkNoneRuns(LINEAGE);
    assertThatThrownBy(() -> dead.checkNoneRuns(OTHER_LINEAGE))
        .hasMessageContaining("" + SECOND_JOB);
  }

  @Test
  void noJobStartsIfItCannotBeKnown() throws Exception {
    staged(OURS, LINEAGE);
    staging.write(staging.clusterFile(OURS), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    applications.put(OURS, YarnApplicationState.RUNNING);
    assertThatThrownBy(() -> dead.checkNoneRuns(LINEAGE))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining(
            "whether the checkpoint's job still runs is unknown, for what " + OURS);
  }
}
