package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.hdfs.HdfsCheckpointStore;
import io.millrace.runtime.checkpoint.FindResult;
import io.millrace.runtime.checkpoint.FindSubmissions;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The user's folder {@code .millrace} on the cluster's file system: a staging directory for each
 * application that lives, jars, checkpoints. Nobody else may read it.
 */
final class Staging {
  private static final Logger LOG = LoggerFactory.getLogger(Staging.class);

  private static final Pattern APPLICATION = Pattern.compile("application_[0-9]{1,18}_[0-9]{4,9}");

  /** The key and certificate of an application, for list and cancel. */
  static final String CLIENT_KEY = "client-key";

  private static final FsPermission OWNER_FOLDER = new FsPermission((short) 0700);
  private static final FsPermission OWNER_FILE = new FsPermission((short) 0600);
  private static final int MOST_BYTES = 256 << 20;

  private final FileSystem files;
  private final Path base;

  private Staging(FileSystem files, Path base) {
    this.files = files;
    this.base = base;
  }

  /** Asks the file system nothing yet. */
  static Staging of(Configuration configuration, org.apache.hadoop.conf.Configuration conf)
      throws IOException {
    var chosen = configuration.find(YarnSettings.STAGING_DIRECTORY).map(Path::new);
    FileSystem files = chosen.isPresent() ? chosen.get().getFileSystem(conf) : FileSystem.get(conf);
    Path home = chosen.orElse(files.getHomeDirectory());
    return new Staging(files, files.makeQualified(new Path(home, ".millrace")));
  }

  FileSystem files() {
    return files;
  }

  Path base() {
    return base;
  }

  Path directory(String applicationId) {
    return new Path(base, applicationId);
  }

  /** Where it is said what an application's containers need. */
  Path clusterFile(String applicationId) {
    return new Path(directory(applicationId), StagedCluster.FILE);
  }

  /**
   * What an application's containers need.
   *
   * @throws FileNotFoundException if its submission has not got that far, or it is over
   */
  StagedCluster cluster(String applicationId) throws IOException {
    return StagedCluster.fromBytes(read(clusterFile(applicationId)));
  }

  /** Where a session keeps the jobs that it is given: they go with it. */
  static Path docket(Path stagingDirectory) {
    return new Path(stagingDirectory, "docket");
  }

  /** The jobs of an application, of a session all that it has not forgotten; changes nothing. */
  List<JobSpec> jobs(String applicationId, StagedCluster cluster) throws IOException {
    if (cluster.job().isPresent()) {
      return List.of(cluster.job().get());
    }
    Path docket = docket(directory(applicationId));
    var store = new HdfsCheckpointStore(docket, files.getConf());
    return done(Procedure.run(new FindSubmissions(), store.names(docket.toString())));
  }

  /** How a job ended; empty if it has not, or that cannot be seen at the moment. */
  Optional<JobResult> result(StagedCluster cluster, JobId job) throws IOException {
    HdfsCheckpointStore store = store(cluster);
    return done(Procedure.run(new FindResult(), store.names(store.directoryOf(job))));
  }

  /** Where a cluster's jobs keep their checkpoints. */
  HdfsCheckpointStore store(StagedCluster cluster) throws IOException {
    return new HdfsCheckpointStore(
        checkpoints(new Configuration(cluster.configuration())), files.getConf());
  }

  private static <R> R done(Step<R> step) throws IOException {
    if (step instanceof Step.Done<R> done) {
      return done.result();
    }
    throw new IOException(((Step.Failed<R>) step).reason());
  }

  /** Where checkpoints lie: as configured, else beside the staging directories. */
  Path checkpoints(Configuration configuration) {
    return checkpoints(configuration, base);
  }

  static Path checkpoints(Configuration configuration, Path base) {
    return configuration
        .find(JobSettings.CHECKPOINT_DIR)
        .map(Path::new)
        .orElse(new Path(base, "checkpoints"));
  }

  /** Makes the user's folder and that of the application, or refuses a folder of somebody else. */
  Path create(String applicationId) throws IOException {
    makeFolder(base);
    Path directory = directory(applicationId);
    makeFolder(directory);
    return directory;
  }

  private void makeFolder(Path folder) throws IOException {
    files.mkdirs(folder, OWNER_FOLDER);
    FileStatus status = files.getFileStatus(folder);
    String user = UserGroupInformation.getCurrentUser().getShortUserName();
    // Local file systems know no owner by that name.
    if (!files.getScheme().equals("file") && !status.getOwner().equals(user)) {
      throw new IOException(
          folder
              + " belongs to "
              + status.getOwner()
              + ", not to "
              + user
              + "; remove it or set yarn.staging-directory");
    }
    if (!status.getPermission().equals(OWNER_FOLDER)) {
      files.setPermission(folder, OWNER_FOLDER);
    }
  }

  void write(Path file, byte[] bytes) throws IOException {
    try (FSDataOutputStream out = FileSystem.create(files, file, OWNER_FILE)) {
      out.write(bytes);
    }
  }

  /**
   * @throws FileNotFoundException if there is no such file
   */
  byte[] read(Path file) throws IOException {
    return read(files, file);
  }

  static byte[] read(FileSystem files, Path file) throws IOException {
    try (FSDataInputStream in = files.open(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException(file + " is larger than " + MOST_BYTES + " bytes");
      }
      return bytes;
    }
  }

  void delete(Path directory) throws IOException {
    files.delete(directory, true);
  }

  /** Staging directories that exist, by the id of their application. */
  List<FileStatus> applications() throws IOException {
    var found = new ArrayList<FileStatus>();
    try {
      for (FileStatus status : files.listStatus(base)) {
        if (status.isDirectory() && APPLICATION.matcher(status.getPath().getName()).matches()) {
          found.add(status);
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    found.sort((one, other) -> one.getPath().compareTo(other.getPath()));
    return found;
  }

  /**
   * Names in the store of the files that staged applications use: as long as an application's
   * directory exists, containers may start from them, or its output may have to be settled with
   * them. Of a session, also what its jobs use that it may have to restart. Empty if one does not
   * say, because its submission is under way or what it has staged is unreadable.
   */
  Optional<Set<String>> filesInUse() throws IOException {
    var names = new TreeSet<String>();
    for (FileStatus status : applications()) {
      Path directory = status.getPath();
      try {
        StagedCluster cluster = cluster(directory.getName());
        cluster.files().forEach(file -> names.add(new Path(file.location()).getName()));
        for (JobSpec job : jobs(directory.getName(), cluster)) {
          job.jars().forEach(jar -> names.add(jar.sha256()));
          job.files().forEach(file -> names.add(new Path(file.location()).getName()));
        }
      } catch (IOException | RuntimeException e) {
        if (files.exists(directory)) {
          LOG.info("What {} uses is unknown, so no jar is removed", directory, e);
          return Optional.empty();
        }
        LOG.debug("{} ended meanwhile", directory.getName());
      }
    }
    return Optional.of(names);
  }
}
