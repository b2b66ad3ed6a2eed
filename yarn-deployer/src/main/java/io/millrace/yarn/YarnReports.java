package io.millrace.yarn;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationNotFoundException;
import org.apache.hadoop.yarn.exceptions.YarnException;

/** What the ResourceManager says of applications. One thread uses it. */
final class YarnReports {
  private final YarnClient yarn;
  private final String address;
  private Optional<Long> start = Optional.empty();

  YarnReports(YarnClient yarn, Configuration conf) {
    this.yarn = yarn;
    this.address = conf.get(YarnConfiguration.RM_ADDRESS, "its configured address");
  }

  /** Empty if the ResourceManager does not know the application. */
  Optional<ApplicationReport> of(ApplicationId id) throws DeployRefusedException {
    try {
      return Optional.of(yarn.getApplicationReport(id));
    } catch (ApplicationNotFoundException e) {
      return Optional.empty();
    } catch (YarnException | IOException e) {
      throw silent(e);
    }
  }

  /**
   * Whether the ResourceManager has given out the id since it was started. Ids carry the time of
   * that start: one with another time is of another cluster, or of an earlier start of this
   * ResourceManager, and it cannot tell which.
   */
  boolean issued(ApplicationId id) throws DeployRefusedException {
    if (start.isEmpty()) {
      try {
        // The only call that tells the time; what it costs is the next number.
        ApplicationId next =
            yarn.createApplication().getApplicationSubmissionContext().getApplicationId();
        start = Optional.of(next.getClusterTimestamp());
      } catch (YarnException | IOException e) {
        throw silent(e);
      }
    }
    return id.getClusterTimestamp() == start.get();
  }

  /** For people: which ResourceManager this is. */
  String source() {
    return "YARN's ResourceManager at " + address;
  }

  DeployRefusedException silent(Exception failure) {
    return new DeployRefusedException(
        source() + " does not answer; is it running, and yarn.resourcemanager.* right?", failure);
  }
}
