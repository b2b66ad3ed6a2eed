package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.host.ScriptedJobManager;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.Epoch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class StandaloneClusterTest {
  @TempDir Path base;

  /** As the JobManager does that commands from now on. */
  private void publish(int attempt, int port) throws IOException {
    var epoch = new Epoch(attempt, 0);
    Path folder =
        Files.createDirectories(base.resolve("default/docket/epochs").resolve(epoch.label()));
    Files.write(
        folder.resolve("address"), Facts.encode(new ControlAddress(epoch, "localhost", port)));
  }

  @Test
  @Timeout(120)
  void asksTheOneThatStoodByWhenTheOtherIsPaused() throws Exception {
    var configuration =
        new Configuration(Map.of("high-availability.storageDir", base.toUri().toString()));
    var key = new KeyFile(base.resolve("key"));
    key.create("default");
    String name = StandaloneJobManager.clusterName(configuration);
    var heard = new CountDownLatch(1);
    try (var paused =
            new ScriptedJobManager(
                key.read(),
                name,
                1,
                request -> {
                  heard.countDown();
                  return null;
                });
        var next =
            new ScriptedJobManager(
                key.read(),
                name,
                2,
                request -> new ClientAnswer.Jobs(request.number(), List.of()));
        StandaloneCluster cluster = StandaloneCluster.of(configuration, key)) {
      publish(1, paused.port());
      assertThat(cluster.situation().jobManager()).isEqualTo("localhost:" + paused.port());
      ClusterClient client = cluster.client();
      var unanswered = CompletableFuture.supplyAsync(() -> answer(client, Integer.MAX_VALUE));
      heard.await();

      publish(2, next.port());
      assertThat(cluster.situation().jobManager()).isEqualTo("localhost:" + next.port());
      assertThat(answer(cluster.client(), 4)).isEmpty();
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
