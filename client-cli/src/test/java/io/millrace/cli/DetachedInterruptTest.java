package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.YarnApplication;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that ends while it waits for a detached job that YARN does not start. */
class DetachedInterruptTest {
  private static final String APPLICATION = "application_1700000000000_0001";
  private static final String JOB = "0123456789abcdef0123456789abcdef";

  @TempDir Path folder;

  @Test
  void saysHowToCancelTheJob() throws Exception {
    Path err = folder.resolve("err");
    Process command =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Waiting.class.getName())
            .redirectError(err.toFile())
            .start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(command.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      while (line != null && !line.contains("current state ACCEPTED")) {
        line = out.readLine();
      }
      assertThat(line).as(Files.readString(err)).isNotNull();
      command.destroy(); // as Ctrl-C, with another signal
      command.waitFor();
    } finally {
      command.destroyForcibly();
    }
    assertThat(Files.readString(err))
        .contains("The job runs on. To cancel it: millrace cancel -yid " + APPLICATION + " " + JOB)
        .doesNotContain("Cancelling");
  }

  /** The command. */
  static final class Waiting {
    public static void main(String[] words) throws Exception {
      Constructor<?> application = YarnApplication.class.getDeclaredConstructors()[0];
      application.setAccessible(true);
      var console = new Console(System.out, System.err, Map.of());
      var job =
          new ClusterJob(
              console,
              (YarnApplication)
                  application.newInstance(
                      APPLICATION, ClusterIdentity.create(APPLICATION), new Full(), null),
              new JobId(JOB),
              false,
              true);
      job.started(true);
    }
  }

  /** A ResourceManager that has no room. */
  private static final class Full extends YarnClientImpl {
    @Override
    public ApplicationReport getApplicationReport(ApplicationId id) {
      ApplicationReport report = Records.newRecord(ApplicationReport.class);
      report.setApplicationId(id);
      report.setYarnApplicationState(YarnApplicationState.ACCEPTED);
      return report;
    }
  }
}
