package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.hadoop.ContainerProcesses;
import io.millrace.it.hadoop.ContainerProcesses.ContainerProcess;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.Resource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The ground that all other cluster tests stand on. */
@Tag("cluster")
class EmbeddedHadoopTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @ParameterizedTest
  @EnumSource
  @Tag("long")
  void runsAContainerAndKeepsAFile(HadoopVersion version) throws Exception {
    try (Cluster cluster = Cluster.start(version, options -> options.withNodes(2, 1024))) {
      cluster.freeze();
      cluster.thaw();
      cluster.hdfs().write("/tmp/greeting", "good morning\n");
      assertThat(cluster.hdfs().lines("/tmp")).containsExactly("good morning");

      String application = submit(cluster, version, "echo hello from $CONTAINER_ID");

      assertThat(cluster.awaitEnd(application, PATIENCE))
          .isEqualTo(FinalApplicationStatus.SUCCEEDED);
      assertThat(cluster.logs(application, "stdout").values())
          .anyMatch(text -> text.startsWith("hello from container_"));
      cluster.awaitNoProcess(application, PATIENCE);
    }
  }

  @Test
  void anApplicationMasterThatIsKilledStartsAgainAndNoContainerOutlivesTheCluster()
      throws Exception {
    List<ContainerProcess> left;
    String nodeDirectories;
    try (Cluster cluster = Cluster.start()) {
      nodeDirectories = cluster.directory() + "/node-";
      String application = submit(cluster, HadoopVersion.BUILT_WITH, "sleep 600");
      ContainerProcess first =
          Await.value(
              "the ApplicationMaster's process",
              PATIENCE,
              () -> cluster.javaProcesses(application, "ProbeMaster").stream().findFirst());
      Await.until(
          "the sleeping container",
          PATIENCE,
          () ->
              cluster.processes(application).stream()
                  .anyMatch(process -> !process.containerId().equals(first.containerId())));

      cluster.killHard(first);

      Await.until(
          "the second ApplicationMaster",
          PATIENCE,
          () ->
              cluster.javaProcesses(application, "ProbeMaster").stream()
                  .anyMatch(process -> process.pid() != first.pid()));
    }
    left = ContainerProcesses.below(nodeDirectories);
    assertThat(left).isEmpty();
  }

  @Test
  @ExtendWith(SharedCluster.class)
  void aContainerThatExceedsItsMemoryIsKilledWhereThatIsChecked(Cluster cluster) throws Exception {
    // tail keeps a line, however long, until it has seen its end.
    String application =
        submit(cluster, HadoopVersion.BUILT_WITH, "head -c 400M /dev/zero | tail -n 1 | sleep 60");

    cluster.awaitEnd(application, PATIENCE);

    assertThat(cluster.report(application).getDiagnostics())
        .contains("exit status " + ContainerExitStatus.KILLED_EXCEEDED_PMEM);
  }

  private static String submit(Cluster cluster, HadoopVersion version, String command)
      throws Exception {
    Path testClasses =
        Path.of(ProbeMaster.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    String classPath =
        String.join(
            ":",
            cluster.configuration().toString(),
            testClasses.toString(),
            version.clientJars() + "/*");
    ApplicationSubmissionContext context =
        cluster.yarn().createApplication().getApplicationSubmissionContext();
    context.setApplicationName("probe");
    context.setResource(Resource.newInstance(256, 1));
    context.setAMContainerSpec(
        ContainerLaunchContext.newInstance(
            Map.of(),
            Map.of("CLASSPATH", classPath),
            List.of(
                "$JAVA_HOME/bin/java -Xmx128m io.millrace.it.ProbeMaster '"
                    + command
                    + "' 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"),
            Map.<String, ByteBuffer>of(),
            null,
            Map.of()));
    return cluster.yarn().submitApplication(context).toString();
  }
}
