package io.millrace.yarn;

import io.millrace.hdfs.ShortPatience;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/** The client's Hadoop configuration, as {@code HADOOP_CONF_DIR} and {@code YARN_CONF_DIR} say. */
final class HadoopSite {
  /**
   * Asks no server.
   *
   * @return with clients that give up within seconds
   */
  static YarnConfiguration load(Map<String, String> environment) throws DeployRefusedException {
    List<Path> found = HadoopFolders.files(environment);
    var conf = new Configuration();
    try {
      for (Path path : found) {
        conf.addResource(path.toUri().toURL());
      }
      conf.size(); // reads the files now
    } catch (IOException | RuntimeException e) {
      throw new DeployRefusedException("cannot read the Hadoop configuration " + found, e);
    }
    return impatient(conf);
  }

  private static YarnConfiguration impatient(Configuration conf) {
    var yarn = new YarnConfiguration(ShortPatience.in(conf));
    yarn.setLong(YarnConfiguration.RESOURCEMANAGER_CONNECT_MAX_WAIT_MS, 2_000);
    yarn.setLong(YarnConfiguration.RESOURCEMANAGER_CONNECT_RETRY_INTERVAL_MS, 500);
    yarn.setInt(YarnConfiguration.CLIENT_FAILOVER_MAX_ATTEMPTS, 4);
    yarn.setLong(YarnConfiguration.CLIENT_FAILOVER_SLEEPTIME_BASE_MS, 200);
    yarn.setLong(YarnConfiguration.CLIENT_FAILOVER_SLEEPTIME_MAX_MS, 1_000);
    yarn.setLong(YarnConfiguration.YARN_CLIENT_APPLICATION_CLIENT_PROTOCOL_POLL_INTERVAL_MS, 20);
    yarn.setLong(YarnConfiguration.YARN_CLIENT_APPLICATION_CLIENT_PROTOCOL_POLL_TIMEOUT_MS, 20_000);
    // Nobody here needs the timeline service, and asking for its token takes seconds if it is down.
    yarn.setBoolean(YarnConfiguration.TIMELINE_SERVICE_ENABLED, false);
    return yarn;
  }

  /**
   * @throws DeployRefusedException where Hadoop wants Kerberos
   */
  static void refuseKerberos(Configuration conf) throws DeployRefusedException {
    String authentication = conf.get("hadoop.security.authentication", "simple");
    if (!authentication.equalsIgnoreCase("simple")) {
      throw new DeployRefusedException(
          "Kerberos is not supported yet, and hadoop.security.authentication is "
              + authentication
              + "; use a cluster without security");
    }
    UserGroupInformation.setConfiguration(conf);
  }

  private HadoopSite() {}
}
