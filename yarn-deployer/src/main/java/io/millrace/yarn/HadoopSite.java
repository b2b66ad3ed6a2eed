package io.millrace.yarn;

import io.millrace.hdfs.ShortPatience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/** The client's Hadoop configuration, as {@code HADOOP_CONF_DIR} and {@code YARN_CONF_DIR} say. */
final class HadoopSite {
  private static final List<String> FILES =
      List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml", "capacity-scheduler.xml");

  /**
   * Asks no server.
   *
   * @return with clients that give up within seconds
   */
  static YarnConfiguration load(Map<String, String> environment) throws DeployRefusedException {
    Set<String> folders = new LinkedHashSet<>();
    for (String variable : List.of("HADOOP_CONF_DIR", "YARN_CONF_DIR")) {
      String folder = environment.getOrDefault(variable, "");
      if (!folder.isBlank()) {
        if (!Files.isDirectory(Path.of(folder))) {
          throw new DeployRefusedException(
              variable + "=" + folder + " is not a folder; set it to where yarn-site.xml lies");
        }
        folders.add(folder);
      }
    }
    if (folders.isEmpty()) {
      throw new DeployRefusedException(
          "neither HADOOP_CONF_DIR nor YARN_CONF_DIR is set; export HADOOP_CONF_DIR=<folder of"
              + " yarn-site.xml>");
    }
    var found = new ArrayList<Path>();
    for (String folder : folders) {
      for (String file : FILES) {
        Path path = Path.of(folder, file);
        if (Files.isRegularFile(path)) {
          found.add(path);
        }
      }
    }
    if (found.stream().noneMatch(path -> path.endsWith("yarn-site.xml"))) {
      throw new DeployRefusedException(
          "there is no yarn-site.xml in "
              + String.join(" or ", folders)
              + "; set HADOOP_CONF_DIR to the folder that has it");
    }
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
