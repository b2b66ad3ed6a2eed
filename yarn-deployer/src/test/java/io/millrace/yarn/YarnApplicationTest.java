package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.ScriptedJobManager;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class YarnApplicationTest {
  private static final ApplicationId ID = ApplicationId.newInstance(1_700_000_000_000L, 1);
  private static final ClusterIdentity IDENTITY = ClusterIdentity.create(ID.toString());

  private volatile ApplicationReport report;

  /** One permit for each time that it was asked. */
  private final Semaphore asked = new Semaphore(0);

  /** A ResourceManager that says what it was told. */
  private final class Yarn extends YarnClientImpl {
    @Override
    public ApplicationReport getApplicationReport(ApplicationId id) {
      asked.release();
      return report;
    }
  }

  private void report(YarnApplicationState state, String host, int port) {
    ApplicationReport next = Records.newRecord(ApplicationReport.class);
    tell(next, state, host, port);
    report = next;
  }

  private static void tell(
      ApplicationReport report, YarnApplicationState state, String host, int port) {
    report.setApplicationId(ID);
    report.setYarnApplicationState(state);
    report.setFinalApplicationStatus(FinalApplicationStatus.UNDEFINED);
    report.setHost(host);
    report.setRpcPort(port);
  }

  @Test
  @Timeout(120)
  void asksTheNextAttemptWhenTheOneBeforeIsPaused() throws Exception {
    var heard = new CountDownLatch(1);
    try (var paused =
            new ScriptedJobManager(
                IDENTITY,
                ID.toString(),
                1,
                request -> {
                  heard.countDown();
                  return null;
                });
        var next =
            new ScriptedJobManager(
                IDENTITY,
                ID.toString(),
                2,
                request -> new ClientAnswer.Jobs(request.number(), List.of()));
        var application = new YarnApplication(ID.toString(), IDENTITY, new Yarn(), null)) {
      report(YarnApplicationState.RUNNING, "localhost", paused.port());
      assertThat(application.situation().reachable()).isTrue();
      ClusterClient client = application.client();
      var unanswered = CompletableFuture.supplyAsync(() -> answer(client, Integer.MAX_VALUE));
      heard.await();

      report(YarnApplicationState.ACCEPTED, "N/A", -1);
      assertThat(application.situation().reachable()).isFalse();
      report(YarnApplicationState.RUNNING, "localhost", next.port());
      assertThat(application.listensAt("localhost", next.port())).isTrue();
      assertThat(application.listensAt("localhost", paused.port())).isFalse();
      assertThat(answer(application.client(), 4)).isEmpty();
      assertThat(unanswered.join()).isEmpty();
    }
  }

  /** Nobody asks for the situation here but the application itself. */
  @Test
  @Timeout(120)
  void asksTheNextAttemptAsSoonAsYarnKnowsOfIt() throws Exception {
    var dead = new ScriptedJobManager(IDENTITY, ID.toString(), 1, ScriptedJobManager.SILENCE);
    try (var next =
            new ScriptedJobManager(
                IDENTITY,
                ID.toString(),
                2,
                request -> new ClientAnswer.Jobs(request.number(), List.of()));
        var application = new YarnApplication(ID.toString(), IDENTITY, new Yarn(), null)) {
      report(YarnApplicationState.RUNNING, "localhost", dead.port());
      assertThat(application.situation().reachable()).isTrue();
      dead.close();
      ClusterClient client = application.client();
      asked.drainPermits();
      var unanswered = CompletableFuture.supplyAsync(() -> answer(client, Integer.MAX_VALUE));

      asked.acquire();
      report(YarnApplicationState.ACCEPTED, "N/A", -1);
      asked.acquire(2);
      report(YarnApplicationState.RUNNING, "localhost", next.port());
      assertThat(unanswered.join()).isEmpty();
    }
  }

  /**
   * On a machine that is very busy the deadline may pass; four of them are less than a line is kept
   * on which nothing comes.
   */
  private static List<JobSummary> answer(ClusterClient client, int questions) {
    for (int i = 1; ; i++) {
      try {
        return client.listJobs();
      } catch (IOException | InterruptedException e) {
        if (i >= questions) {
          throw new AssertionError(e);
        }
      }
    }
  }
}
