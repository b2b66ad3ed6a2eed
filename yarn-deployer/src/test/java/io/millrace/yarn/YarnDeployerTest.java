package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

/** Submissions whose answer is lost, and what users mistype. */
class YarnDeployerTest {
  private static final ApplicationId ID = ApplicationId.newInstance(1_700_000_000_000L, 1);

  @TempDir Path home;

  private final List<String> killed = new ArrayList<>();
  private final List<String> phases = new ArrayList<>();
  private YarnApplicationState state;
  private boolean killable = true;
  private YarnDeployer deployer;
  private Configuration configuration;

  /** A ResourceManager that never answers a submission. */
  private final class Yarn extends YarnClientImpl {
    @Override
    public ApplicationId submitApplication(ApplicationSubmissionContext context)
        throws IOException {
      throw new SocketTimeoutException("20000 millis timeout");
    }

    @Override
    public ApplicationReport getApplicationReport(ApplicationId id) throws YarnException {
      if (state == null) {
        throw new ApplicationNotFoundException(id + " is not known");
      }
      ApplicationReport report = Records.newRecord(ApplicationReport.class);
      report.setApplicationId(id);
      report.setYarnApplicationState(state);
      return report;
    }

    @Override
    public void killApplication(ApplicationId id) throws IOException {
      if (!killable) {
        throw new SocketTimeoutException("again");
      }
      killed.add(id + (Files.exists(staged()) ? " before" : " after"));
    }
  }

  private Path staged() {
    return home.resolve(".millrace").resolve(ID.toString());
  }

  @BeforeEach
  void open() throws IOException {
    var conf = new YarnConfiguration();
    configuration =
        Configuration.EMPTY.with(YarnSettings.STAGING_DIRECTORY.key(), home.toUri().toString());
    deployer =
        new YarnDeployer(
            conf,
            configuration,
            Staging.of(configuration, conf),
            new Yarn(),
            ClassArchive.of(Map.of()),
            phases::add);
  }

  private void deploy() throws DeployRefusedException {
    var context = Records.newRecord(ApplicationSubmissionContext.class);
    context.setApplicationId(ID);
    var application =
        new YarnClientApplication(Records.newRecord(GetNewApplicationResponse.class), context);
    var source =
        new Vertex(
            "a",
            "a",
            Role.ENUMERATOR,
            new UserCode("a", new byte[] {1}),
            1,
            16,
            "default",
            false,
            false,
            false,
            List.of());
    var graph = new JobGraph("job", List.of(source), List.of(), Map.of());
    var spec =
        new JobSpec(
            new JobId("0123456789abcdef0123456789abcdef"),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            graph,
            List.of(),
            Optional.empty());
    deployer.deploy(
        deployer.new Prepared(application, ContainerSizes.of(configuration, "hashmap")),
        new YarnDeployer.Equipment(List.of(), List.of(), Optional.empty()),
        new YarnDeployer.Job(spec, List.of()),
        running -> {});
  }

  @Test
  void killsWhatMayStartAfterATimeOutBeforeItsFilesAreDeleted() {
    state = YarnApplicationState.ACCEPTED;
    assertThatThrownBy(this::deploy)
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining(ID + " has failed, and it was killed")
        .hasMessageContaining("20000 millis timeout");
    assertThat(killed).containsExactly(ID + " before");
    assertThat(staged()).doesNotExist();
    assertThat(phases).hasSize(1).first().asString().matches("files: \\d+ uploaded .*");
  }

  @Test
  void saysHowToKillWhatItCouldNot() {
    state = YarnApplicationState.ACCEPTED;
    killable = false;
    assertThatThrownBy(this::deploy)
        .isInstanceOf(DeployRefusedException.class)
        .hasMessageContaining("yarn application -kill " + ID);
    assertThat(staged()).doesNotExist();
  }

  @Test
  void killsNothingThatYarnHasRefused() {
    for (YarnApplicationState refused :
        new YarnApplicationState[] {null, YarnApplicationState.FAILED}) {
      state = refused;
      assertThatThrownBy(this::deploy).hasMessageContaining("YARN refuses the application");
      assertThat(killed).isEmpty();
      assertThat(staged()).doesNotExist();
    }
  }

  @Test
  void saysWhatAnApplicationIdLooksLike() {
    String text = "'foo' is not an application id such as application_1700000000000_0001";
    assertThatThrownBy(() -> deployer.application("foo", true)).hasMessage(text);
  }
}
