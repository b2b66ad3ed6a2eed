package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.StateBytes;
import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.yarn.api.protocolrecords.AllocateResponse;
import org.apache.hadoop.yarn.api.protocolrecords.RegisterApplicationMasterResponse;
import org.apache.hadoop.yarn.api.protocolrecords.StartContainersResponse;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.util.Records;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has this JVM load those classes of Hadoop, and of ours that need them, that a process loads while
 * it starts: it asks the cluster what changes nothing there. What does not succeed is left out; an
 * archive without some classes only saves less.
 */
public final class HadoopRehearsal {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopRehearsal.class);

  /**
   * What no question brings along: all of ours, and the messages that only an ApplicationMaster
   * gets.
   */
  private static final List<String> ALL_OF =
      List.of(
          "io/millrace/yarn/",
          "io/millrace/hdfs/",
          "org/apache/hadoop/yarn/api/impl/pb/client/",
          "org/apache/hadoop/yarn/api/protocolrecords/",
          "org/apache/hadoop/yarn/api/records/",
          "org/apache/hadoop/yarn/client/api/");

  private final Map<String, String> environment;

  /**
   * @param environment of the process, which says where Hadoop's configuration is
   */
  public HadoopRehearsal(Map<String, String> environment) {
    this.environment = environment;
  }

  /** As a command does that submits a job. */
  public void ofClient(Configuration configuration) {
    loadClasses();
    attempt("what a client asks", () -> askAsClient(configuration));
  }

  /**
   * As JobManager and TaskManager do.
   *
   * @param folder for a file and a folder that go at once
   */
  void ofContainer(Path folder) {
    loadClasses();
    attempt("a small file", () -> Practice.once(new Path(folder, "practice"), conf()));
    attempt("state", () -> writeState(new Path(folder, "rehearsal")));
    attempt("messages", HadoopRehearsal::makeMessages);
    attempt("what an ApplicationMaster asks", this::askAsMaster);
  }

  private interface Part {
    void play() throws Exception;
  }

  private static void attempt(String name, Part part) {
    try {
      part.play();
    } catch (Exception | LinkageError e) {
      LOG.info("Not rehearsed as it should be: {}: {}", name, e.toString());
    }
  }

  private YarnConfiguration conf() throws DeployRefusedException {
    return HadoopSite.load(environment);
  }

  private static void loadClasses() {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      try (var jar = new JarFile(entry)) {
        jar.stream()
            .map(each -> each.getName())
            .filter(name -> name.endsWith(".class") && ALL_OF.stream().anyMatch(name::startsWith))
            .forEach(HadoopRehearsal::load);
      } catch (IOException e) {
        LOG.info("{} cannot be read", entry, e);
      }
    }
  }

  private static void load(String file) {
    String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
    try {
      Class.forName(name, false, HadoopRehearsal.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      LOG.debug("{} needs what is not here: {}", name, e.toString());
    }
  }

  private void askAsClient(Configuration configuration) throws Exception {
    try (YarnDeployer deployer = YarnDeployer.open(configuration, environment)) {
      deployer.resources();
      deployer.applications();
    }
    Staging staging = Staging.of(configuration, conf());
    // Where what a broken upload has left is removed, should this process end in between.
    String name = "jars/practice.upload-" + ProcessHandle.current().pid();
    Practice.once(new Path(staging.base(), name), conf());
  }

  private void writeState(Path folder) throws Exception {
    var store = new HdfsCheckpointStore(folder, conf());
    String directory = store.folder(folder.toString());
    DurableNames names = store.names(directory);
    try {
      names.mkdir("data");
      names.createExclusive("one", new byte[1]);
      names.rename("one", "other");
      names.read("other");
      names.list("");
      byte[] bytes = {1};
      var state = new StateBytes.InFile("data/state", 0, bytes.length, StateBytes.crcOf(bytes));
      store.writeState(directory, state.file(), List.of(bytes));
      store.readState(directory, state);
    } finally {
      names.delete("data");
      names.delete("other");
      names.removeDirectory();
    }
  }

  /** Printing one makes all that goes over the network. */
  private static void makeMessages() {
    for (Class<?> message :
        List.of(
            RegisterApplicationMasterResponse.class,
            AllocateResponse.class,
            StartContainersResponse.class,
            Container.class)) {
      LOG.debug("{}", Records.newRecord(message));
    }
  }

  /** It refuses who is none, after all that comes before an answer. */
  private void askAsMaster() throws Exception {
    YarnResourceManager.Clients clients = YarnResourceManager.Clients.start(conf());
    try {
      clients.master().registerApplicationMaster("localhost", 0, "");
    } finally {
      clients.master().stop();
      clients.nodes().stop();
    }
  }
}
