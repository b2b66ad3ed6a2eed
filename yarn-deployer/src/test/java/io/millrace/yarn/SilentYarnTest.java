package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.jobmanager.Lease;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.protocolrecords.RegisterApplicationMasterResponse;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.apache.hadoop.yarn.client.api.NMClient;
import org.apache.hadoop.yarn.client.api.impl.AMRMClientImpl;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SilentYarnTest {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);

  @AfterEach
  void letGo() {
    over.countDown();
  }

  /** Hadoop's client tries again for a quarter of an hour before it says that it cannot. */
  @Test
  void whoDoesNotCommandAnyMoreEndsThoughACallOfYarnDoesNotReturn() throws Exception {
    var code = new CompletableFuture<Integer>();
    var resources =
        new YarnResourceManager(
            new YarnResourceManager.Clients(new Silent(), NMClient.createNMClient()),
            Configuration.EMPTY,
            ContainerSizes.of(Configuration.EMPTY, "hashmap"),
            Lease.DEFAULT,
            event -> {},
            (exitCode, applicationIsOver) -> code.complete(applicationIsOver ? -1 : exitCode));
    resources.register("localhost", 1, (sizes, each) -> null);
    assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();

    resources.fenced("somebody else commands");

    assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  /** A ResourceManager that has heard of this attempt, and then nothing more. */
  private final class Silent extends AMRMClientImpl<ContainerRequest> {
    @Override
    public RegisterApplicationMasterResponse registerApplicationMaster(
        String host, int port, String url) {
      var answer = Records.newRecord(RegisterApplicationMasterResponse.class);
      answer.setContainersFromPreviousAttempts(List.of());
      answer.setMaximumResourceCapability(Resource.newInstance(4_096, 4));
      return answer;
    }

    @Override
    public AllocateResponse allocate(float progress) throws IOException {
      asked.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      throw new IOException("no answer");
    }
  }
}
