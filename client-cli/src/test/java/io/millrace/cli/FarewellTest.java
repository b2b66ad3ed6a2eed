package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.protocol.JobId;
import io.millrace.yarn.YarnApplication;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that ends while YARN has not started its application. */
class FarewellTest {
  private static final String APPLICATION = "application_1700000000000_0001";
  private static final String JOB = "0123456789abcdef0123456789abcdef";
  private static final String HOW_TO_CANCEL =
      "The job runs on. To cancel it: millrace cancel -yid " + APPLICATION + " " + JOB;

  @TempDir Path folder;

  /** What a command says on standard error that is ended once it says this. */
  private List<String> ended(Class<?> command, String once, String... words) throws Exception {
    Path err = Files.createTempFile(folder, "err", "");
    var line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                command.getName()));
    line.addAll(List.of(words));
    Process process = new ProcessBuilder(line).redirectError(err.toFile()).start();
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String said = out.readLine();
      while (said != null && !said.contains(once)) {
        said = out.readLine();
      }
      assertThat(said).as(Files.readString(err)).isNotNull();
      process.destroy(); // as Ctrl-C, with another signal
      process.waitFor();
    } finally {
      process.destroyForcibly();
    }
    return Files.readAllLines(err);
  }

  @Test
  void saysHowToCancelADetachedJobThatYarnDoesNotStart() throws Exception {
    assertThat(ended(Waiting.class, "current state ACCEPTED")).containsExactly(HOW_TO_CANCEL);
  }

  @Test
  void awaitsTheAnswerToASubmissionThatIsUnderWay() throws Exception {
    assertThat(ended(Submitting.class, "submitting", "stays", "submitted"))
        .containsExactly(HOW_TO_CANCEL);
    assertThat(ended(Submitting.class, "submitting", "taken along", "submitted"))
        .containsExactly(
            "Cancelling job " + JOB + " because of -sae.",
            "kill " + APPLICATION,
            "Killed "
                + APPLICATION
                + ", which had not started; millrace clean, or the next run, clears away what it"
                + " left");
  }

  @Test
  void saysNothingOfASubmissionThatHasFailed() throws Exception {
    assertThat(ended(Submitting.class, "submitting", "taken along", "refused")).isEmpty();
  }

  private static YarnApplication application() throws Exception {
    Constructor<?> application = YarnApplication.class.getDeclaredConstructors()[0];
    application.setAccessible(true);
    return (YarnApplication)
        application.newInstance(APPLICATION, ClusterIdentity.create(APPLICATION), new Full(), null);
  }

  /** A command that follows a detached job. */
  static final class Waiting {
    public static void main(String[] words) throws Exception {
      var console = new Console(System.out, System.err, Map.of());
      var job = new JobId(JOB);
      var farewell = new Farewell(console, job, false, false);
      YarnApplication application = application();
      farewell.submitting(application);
      farewell.submitted();
      var errand = new SavepointErrand(console, Configuration.EMPTY);
      new ClusterJob(console, application, job, false, false, farewell, errand).started(true);
    }
  }

  /** A command whose submission is answered only once it is being ended. */
  static final class Submitting {
    public static void main(String[] words) throws Exception {
      var console = new Console(System.out, System.err, Map.of());
      var farewell = new Farewell(console, new JobId(JOB), false, words[0].equals("taken along"));
      farewell.submitting(application());
      System.out.println("submitting");
      while (!ends()) {
        Thread.onSpinWait();
      }
      if (words[1].equals("submitted")) {
        farewell.submitted();
      } else {
        farewell.over();
      }
    }

    private static boolean ends() {
      var nothing = new Thread(() -> {});
      try {
        Runtime.getRuntime().addShutdownHook(nothing);
        Runtime.getRuntime().removeShutdownHook(nothing);
        return false;
      } catch (IllegalStateException e) {
        return true;
      }
    }
  }

  /** A ResourceManager that has no room. */
  private static final class Full extends YarnClientImpl {
    @Override
    public ApplicationReport getApplicationReport(ApplicationId id) {
      ApplicationReport report = Records.newRecord(ApplicationReport.class);
      report.setApplicationId(id);
      report.setYarnApplicationState(YarnApplicationState.ACCEPTED);
      report.setFinalApplicationStatus(FinalApplicationStatus.UNDEFINED);
      return report;
    }

    @Override
    public void killApplication(ApplicationId id) {
      System.err.println("kill " + id);
    }
  }
}
