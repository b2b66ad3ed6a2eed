package io.millrace.benchmarks.yarn;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.api.ApplicationConstants;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerLaunchContext;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.client.api.AMRMClient;
import org.apache.hadoop.yarn.client.api.AMRMClient.ContainerRequest;
import org.apache.hadoop.yarn.client.api.NMClient;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/**
 * What YARN itself wants of an application with two containers, and nothing else: a command submits
 * it without any file, an ApplicationMaster registers and asks for a container every 20 ms, and a
 * process in that notes that it runs. All are on this machine, so that jars lie where they are.
 */
public final class BareApplication {
  private static final long ASK_MILLIS = 20;
  private static final DateTimeFormatter LOGGED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS");

  private BareApplication() {}

  /**
   * @param words the role, then what it wants
   */
  public static void main(String[] words) throws Exception {
    String[] rest = Arrays.copyOfRange(words, 1, words.length);
    switch (words[0]) {
      case "submit" -> submit(rest[0], rest[1], rest[rest.length - 1]);
      case "master" -> master(rest[0], rest[1], rest[2]);
      default -> throw new IllegalArgumentException("no role: " + words[0]);
    }
  }

  private static void submit(String masterFlags, String classPath, String name) throws Exception {
    YarnClient yarn = YarnClient.createYarnClient();
    yarn.init(configuration());
    yarn.start();
    ApplicationSubmissionContext application =
        yarn.createApplication().getApplicationSubmissionContext();
    application.setApplicationName("bare");
    application.setResource(Resource.newInstance(512, 1));
    String program = classPath.substring(0, classPath.indexOf(':'));
    application.setAMContainerSpec(
        launch(
            Map.of("HADOOP_CONF_DIR", System.getenv("HADOOP_CONF_DIR")),
            java(
                masterFlags,
                classPath,
                BareApplication.class,
                "master <LOG_DIR>/jobmanager.log " + program + " " + name)));
    yarn.submitApplication(application);
    System.exit(0); // what Hadoop's threads still do is nobody's business
  }

  private static void master(String log, String program, String name) throws Exception {
    Configuration conf = configuration();
    AMRMClient<ContainerRequest> master = AMRMClient.createAMRMClient();
    master.init(conf);
    master.start();
    master.registerApplicationMaster("localhost", -1, "");
    Files.writeString(
        Path.of(log),
        LOGGED.format(LocalDateTime.now()) + " INFO  registered\n",
        StandardOpenOption.CREATE);
    master.addContainerRequest(
        new ContainerRequest(Resource.newInstance(512, 1), null, null, Priority.newInstance(0)));
    NMClient node = NMClient.createNMClient();
    node.init(conf);
    node.start();
    boolean ended = false;
    while (!ended) {
      var response = master.allocate(0);
      for (Container container : response.getAllocatedContainers()) {
        node.startContainer(container, launch(Map.of(), java("", program, BareWork.class, name)));
      }
      ended = !response.getCompletedContainersStatuses().isEmpty();
      Thread.sleep(ASK_MILLIS);
    }
    master.unregisterApplicationMaster(FinalApplicationStatus.SUCCEEDED, "", "");
    System.exit(0); // as above
  }

  /** Not from the class path, on which an archive of classes allows no folders. */
  private static Configuration configuration() {
    var conf = new YarnConfiguration();
    Path folder = Path.of(System.getenv("HADOOP_CONF_DIR"));
    for (String file : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml")) {
      conf.addResource(new org.apache.hadoop.fs.Path(folder.resolve(file).toUri()));
    }
    return conf;
  }

  private static String java(String flags, String classPath, Class<?> main, String role) {
    return "exec $"
        + ApplicationConstants.Environment.JAVA_HOME
        + "/bin/java -Xmx128m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
        + flags
        + " -cp "
        + classPath
        + " "
        + main.getName()
        + " "
        + role
        + " 1><LOG_DIR>/stdout 2><LOG_DIR>/stderr";
  }

  private static ContainerLaunchContext launch(Map<String, String> environment, String command) {
    return ContainerLaunchContext.newInstance(
        Map.<String, LocalResource>of(), environment, List.of(command), Map.of(), null, Map.of());
  }
}
