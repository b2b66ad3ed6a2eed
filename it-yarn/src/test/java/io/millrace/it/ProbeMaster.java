package io.millrace.it;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.apache.hadoop.yarn.client.api.NMClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/**
 * An ApplicationMaster that runs one command in one container of 128 MB, ends when that has ended,
 * and leaves its exit status in the application's diagnostics.
 */
final class ProbeMaster {
  private ProbeMaster() {}

  public static void main(String[] command) throws Exception {
    YarnConfiguration conf = new YarnConfiguration();
    AMRMClient<ContainerRequest> master = AMRMClient.createAMRMClient();
    master.init(conf);
    master.start();
    master.registerApplicationMaster("localhost", -1, "");
    master.addContainerRequest(
        new ContainerRequest(Resource.newInstance(128, 1), null, null, Priority.newInstance(0)));
    NMClient node = NMClient.createNMClient();
    node.init(conf);
    node.start();
    String outcome = "";
    while (outcome.isEmpty()) {
      var response = master.allocate(0);
      for (Container container : response.getAllocatedContainers()) {
        node.startContainer(
            container,
            ContainerLaunchContext.newInstance(
                Map.of(),
                Map.of(),
                List.of(String.join(" ", command) + " 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr"),
                Map.<String, ByteBuffer>of(),
                null,
                Map.of()));
      }
      for (ContainerStatus status : response.getCompletedContainersStatuses()) {
        outcome = "exit status " + status.getExitStatus();
      }
      Thread.sleep(50);
    }
    master.unregisterApplicationMaster(FinalApplicationStatus.SUCCEEDED, outcome, "");
    // The clients' threads would keep this process alive.
    System.exit(0);
  }
}
