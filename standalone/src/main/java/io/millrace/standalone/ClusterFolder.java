package io.millrace.standalone;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.hdfs.JarStore;
import io.millrace.hdfs.ShortPatience;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.FindAddress;
import io.millrace.runtime.checkpoint.FindResult;
import io.millrace.runtime.checkpoint.FindSubmissions;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What the processes and clients of a cluster share on a file system that all of them reach: the
 * docket of its jobs, in which its JobManager says where it is, jars, checkpoints, and how many
 * JobManagers there have been.
 */
public final class ClusterFolder {
  private static final String ATTEMPTS = "attempts";
  private static final String DOCKET = "docket";
  private static final String JARS = "jars";

  private final Path folder;
  private final Path checkpointRoot;
  private final HdfsCheckpointStore own;
  private final HdfsCheckpointStore checkpoints;
  private final org.apache.hadoop.conf.Configuration conf;

  private ClusterFolder(Path folder, Path checkpointRoot, org.apache.hadoop.conf.Configuration conf)
      throws IOException {
    this.folder = folder;
    this.checkpointRoot = checkpointRoot;
    this.own = new HdfsCheckpointStore(folder, conf);
    this.checkpoints = new HdfsCheckpointStore(checkpointRoot, conf);
    this.conf = conf;
  }

  /**
   * As configured; asks no server.
   *
   * @throws IOException if the file system cannot be used for that; the message is one line
   */
  public static ClusterFolder of(Configuration configuration) throws IOException {
    var conf = new org.apache.hadoop.conf.Configuration();
    // On the class path if HDFS is used.
    conf.addResource("hdfs-site.xml");
    String authentication = conf.get("hadoop.security.authentication", "simple");
    if (!authentication.equalsIgnoreCase("simple")) {
      throw new IOException(
          "Kerberos is not supported yet, and hadoop.security.authentication is "
              + authentication
              + "; use a file system without security");
    }
    Optional<Path> chosen = configuration.find(StandaloneSettings.STORAGE_DIR).map(Path::new);
    FileSystem files = chosen.isPresent() ? chosen.get().getFileSystem(conf) : FileSystem.get(conf);
    Path base = chosen.orElseGet(() -> new Path(files.getHomeDirectory(), ".millrace/standalone"));
    String id = configuration.get(StandaloneSettings.CLUSTER_ID);
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}")) {
      throw new IOException(
          "the value '"
              + id
              + "' of "
              + StandaloneSettings.CLUSTER_ID.key()
              + " is not allowed: up to 100 letters, digits, . _ and -");
    }
    Path folder = files.makeQualified(new Path(base, id));
    Path checkpoints =
        configuration
            .find(JobSettings.CHECKPOINT_DIR)
            .map(Path::new)
            .orElse(new Path(folder, "checkpoints"));
    return new ClusterFolder(folder, checkpoints, conf);
  }

  /** The same with clients that give up within seconds. */
  ClusterFolder impatient() throws IOException {
    return new ClusterFolder(folder, checkpointRoot, ShortPatience.in(conf));
  }

  Path path() {
    return folder;
  }

  org.apache.hadoop.conf.Configuration conf() {
    return conf;
  }

  /** Whether only processes of this machine can share it. */
  boolean isOfThisMachine() {
    return "file".equals(folder.toUri().getScheme());
  }

  CheckpointStore checkpoints() {
    return checkpoints;
  }

  String docket() {
    return new Path(folder, DOCKET).toString();
  }

  JarStore jars() throws IOException {
    return new JarStore(folder, conf);
  }

  private DurableNames names() {
    return own.names(folder.toString());
  }

  /**
   * A number for a JobManager's process, above those of all before, whoever asks at once. Its file
   * says where that process keeps checkpoints.
   */
  int nextAttempt() throws IOException {
    DurableNames names = names();
    byte[] said = checkpoints.root().getBytes(StandardCharsets.UTF_8);
    while (true) {
      int mine = highestAttempt(names) + 1;
      // Somebody slow may find free what was another's and has been deleted since; then there is a
      // higher one.
      if (names.createExclusive(attempt(mine), said) && highestAttempt(names) == mine) {
        for (DurableNames.Entry entry : names.list(ATTEMPTS)) {
          if (Integer.parseInt(entry.name()) < mine) {
            names.delete(ATTEMPTS + "/" + entry.name());
          }
        }
        return mine;
      }
    }
  }

  /**
   * Where the JobManager that was started last keeps checkpoints; empty if this is configured to
   * the same place, or if none has said so.
   */
  Optional<String> checkpointsElsewhere() throws IOException {
    DurableNames names = names();
    try {
      String there = new String(names.read(attempt(highestAttempt(names))), StandardCharsets.UTF_8);
      return Optional.of(there).filter(root -> !root.isEmpty() && !root.equals(checkpoints.root()));
    } catch (FileNotFoundException e) {
      return Optional.empty(); // not started yet, or just now once more
    }
  }

  private static int highestAttempt(DurableNames names) throws IOException {
    return names.list(ATTEMPTS).stream()
        .mapToInt(entry -> Integer.parseInt(entry.name()))
        .max()
        .orElse(0);
  }

  private static String attempt(int number) {
    return String.format("%s/%010d", ATTEMPTS, number);
  }

  /** Where the JobManager is, or the last one was; empty if none has got that far. */
  Optional<ControlAddress> address() throws IOException {
    return done(Procedure.run(new FindAddress(Epoch.NONE), own.names(docket())));
  }

  /** Whether the cluster has been started and not been stopped. */
  boolean isStarted() throws IOException {
    return !own.names(docket()).list("claims").isEmpty();
  }

  /** How a job ended; empty if it has not, or that cannot be seen at the moment. */
  Optional<JobResult> result(JobId job) throws IOException {
    return done(Procedure.run(new FindResult(), checkpoints.names(checkpoints.directoryOf(job))));
  }

  /** Names in the store of jars of what the cluster's jobs need. */
  Optional<Set<String>> filesInUse() throws IOException {
    List<JobSpec> jobs = done(Procedure.run(new FindSubmissions(), own.names(docket())));
    var names = new TreeSet<String>();
    for (JobSpec job : jobs) {
      job.jars().forEach(jar -> names.add(jar.sha256()));
      job.files().forEach(file -> names.add(new Path(file.location()).getName()));
    }
    return Optional.of(names);
  }

  /**
   * Removes what only a cluster that runs needs. How many JobManagers there have been stays, lest
   * anybody obey an earlier one.
   */
  void clear() throws IOException {
    names().delete(DOCKET);
    names().delete(JARS);
  }

  private static <R> R done(Step<R> step) throws IOException {
    if (step instanceof Step.Done<R> done) {
      return done.result();
    }
    throw new IOException(((Step.Failed<R>) step).reason());
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
