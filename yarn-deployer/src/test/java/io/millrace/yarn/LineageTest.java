package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
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
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job may start from a checkpoint only if none of its lineage runs: both would write to the same
 * output. What runs is known from what is staged and from YARN.
 */
class LineageTest {
  private static final String LINEAGE = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  private static final String OTHER_LINEAGE = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final String APPLICATION = "application_1700000000000_0001";

  @TempDir Path home;

  private final Map<String, YarnApplicationState> applications = new TreeMap<>();
  private Staging staging;
  private YarnDeployer deployer;

  /** A ResourceManager that knows the applications that a test gave it. */
  private final class Yarn extends YarnClientImpl {
    @Override
    public ApplicationReport getApplicationReport(ApplicationId id)
        throws YarnException, IOException {
      YarnApplicationState state = applications.get(id.toString());
      if (state == null) {
        throw new ApplicationNotFoundException(id + " is not known");
      }
      ApplicationReport report = Records.newRecord(ApplicationReport.class);
      report.setApplicationId(id);
      report.setYarnApplicationState(state);
      return report;
    }
  }

  @BeforeEach
  void open() throws IOException {
    var conf = new YarnConfiguration();
    Configuration configuration =
        Configuration.EMPTY.with(YarnSettings.STAGING_DIRECTORY.key(), home.toUri().toString());
    staging = Staging.of(configuration, conf);
    deployer =
        new YarnDeployer(
            conf, configuration, staging, new Yarn(), ClassArchive.of(java.util.Map.of()));
  }

  private void staged(String application, String lineage) throws IOException {
    var source =
        new Vertex(
            "a", "a", Role.ENUMERATOR, code(), 1, 16, "default", false, false, false, List.of());
    var graph = new JobGraph("job", List.of(source), List.of(), Map.of());
    var spec = new JobSpec(JOB, lineage, graph, List.of(), Optional.empty());
    staging.create(application);
    staging.write(
        staging.jobFile(application),
        new StagedJob(Map.of(), spec, List.of(), "", "somebody").toBytes());
  }

  private static UserCode code() {
    return new UserCode("a", new byte[] {1});
  }

  @Test
  void refusesWhileAJobOfTheLineageLives() throws Exception {
    staged(APPLICATION, LINEAGE);
    for (YarnApplicationState state : YarnApplicationState.values()) {
      applications.put(APPLICATION, state);
      switch (state) {
        case FINISHED, FAILED, KILLED ->
            assertThatCode(() -> deployer.checkNoneRuns(LINEAGE)).doesNotThrowAnyException();
        default ->
            assertThatThrownBy(() -> deployer.checkNoneRuns(LINEAGE))
                .as("%s", state)
                .isInstanceOf(DeployRefusedException.class)
                .hasMessageContaining("still runs as " + APPLICATION)
                .hasMessageContaining(
                    "; end it first: " + YarnApplication.cancelCommand(APPLICATION, JOB));
      }
    }
  }

  @Test
  void refusesAlsoWhatIsAboutToBeSubmitted() throws Exception {
    staged(APPLICATION, LINEAGE);
    assertThatThrownBy(() -> deployer.checkNoneRuns(LINEAGE)).hasMessageContaining("still runs");

    Instant longAgo = Instant.now().minus(Duration.ofMinutes(11));
    Files.setLastModifiedTime(
        home.resolve(".millrace").resolve(APPLICATION), FileTime.from(longAgo));
    assertThatCode(() -> deployer.checkNoneRuns(LINEAGE))
        .as("its client died before it was submitted")
        .doesNotThrowAnyException();
  }

  @Test
  void jobsOfOtherLineagesMayRun() throws Exception {
    staged(APPLICATION, OTHER_LINEAGE);
    applications.put(APPLICATION, YarnApplicationState.RUNNING);
    assertThatCode(() -> deployer.checkNoneRuns(LINEAGE)).doesNotThrowAnyException();

    String second = "application_1700000000000_0002";
    staged(second, LINEAGE);
    applications.put(second, YarnApplicationState.RUNNING);
    assertThatThrownBy(() -> deployer.checkNoneRuns(LINEAGE)).hasMessageContaining(second);
  }

  @Test
  void refusesIfItCannotKnow() throws Exception {
    staged(APPLICATION, LINEAGE);
    staging.write(staging.jobFile(APPLICATION), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    applications.put(APPLICATION, YarnApplicationState.RUNNING);
    assertThatThrownBy(() -> deployer.checkNoneRuns(LINEAGE))
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining("whether the checkpoint's job still runs is unknown");
  }
}
