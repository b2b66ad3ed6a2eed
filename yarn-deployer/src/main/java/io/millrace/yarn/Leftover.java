package io.millrace.yarn;

import io.millrace.hdfs.HdfsOrigin;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.checkpoint.Settlement.SinkException;
import io.millrace.runtime.host.JarClasses;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobSpec;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one application has staged, and its jobs promised, if its JobManager did not come to it. */
final class Leftover {
  private static final Logger LOG = LoggerFactory.getLogger(Leftover.class);

  private final String id;
  private final Staging staging;
  private final org.apache.hadoop.conf.Configuration conf;

  /**
   * @param id of the application
   */
  Leftover(String id, Staging staging, org.apache.hadoop.conf.Configuration conf) {
    this.id = id;
    this.staging = staging;
    this.conf = conf;
  }

  /** Of the application. */
  String id() {
    return id;
  }

  /**
   * Commits promised output and deletes the rest, then the staging directory. Fences a JobManager
   * that lives all the same.
   *
   * @return what was done, for people
   * @throws IOException if it could not be finished; the staging directory is still there then
   */
  String settle() throws IOException {
    Optional<StagedCluster> staged = cluster();
    if (staged.isEmpty()) {
      // The submission did not get that far, so nothing has ever run.
      staging.delete(staging.directory(id));
      return id + ": removed what an unfinished submission had staged";
    }
    StagedCluster cluster = staged.get();
    String done =
        cluster.job().isPresent()
            ? "job "
                + told(cluster.job().get(), settle(cluster, cluster.job().get()))
                + ", its output is settled"
            : settleAll(cluster);
    staging.delete(staging.directory(id));
    return id + ": " + done;
  }

  /** One job that cannot be settled keeps no other from it; they are settled again in vain. */
  private String settleAll(StagedCluster cluster) throws IOException {
    List<JobSpec> jobs =
        Settlement.takeDocket(
            staging.store(cluster),
            Staging.docket(staging.directory(id)).toString(),
            owner(),
            System.currentTimeMillis());
    var told = new ArrayList<String>();
    IOException failure = null;
    for (JobSpec job : jobs) {
      try {
        told.add(told(job, settle(cluster, job)));
      } catch (IOException e) {
        LOG.info("Job {} of {} could not be settled", job.job(), id, e);
        var named = new IOException("job " + job.job() + ": " + e.getMessage(), e);
        if (failure == null) {
          failure = named;
        } else {
          failure.addSuppressed(named);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return told.isEmpty()
        ? "the application had no job"
        : "of the application, job " + String.join(", job ", told) + "; their output is settled";
  }

  private static String told(JobSpec job, JobResult result) {
    return job.job() + " is " + result.status();
  }

  private static String owner() {
    return "clean-" + UUID.randomUUID();
  }

  /** What the application has staged; empty if its submission has not got that far. */
  private Optional<StagedCluster> cluster() throws IOException {
    try {
      return Optional.of(staging.cluster(id));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** The jobs of the application; none if its submission has not got that far, or it is over. */
  List<JobSpec> jobs() throws IOException {
    Optional<StagedCluster> cluster = cluster();
    return cluster.isEmpty() ? List.of() : staging.jobs(id, cluster.get());
  }

  /** Those of its jobs that may run, as far as can be seen from here. */
  List<JobSpec> openJobs() throws IOException {
    Optional<StagedCluster> cluster = cluster();
    var open = new ArrayList<JobSpec>();
    for (JobSpec job : cluster.isEmpty() ? List.<JobSpec>of() : staging.jobs(id, cluster.get())) {
      // One that is alone is over when its application is.
      if (cluster.get().job().isPresent() || staging.result(cluster.get(), job.job()).isEmpty()) {
        open.add(job);
      }
    }
    return open;
  }

  /** Whether the path is the application's own, or a directory that a job of it writes to. */
  boolean concerns(String path) throws IOException {
    var place = new org.apache.hadoop.fs.Path(path);
    FileSystem files = place.getFileSystem(conf);
    var whole = files.makeQualified(place);
    if (whole.equals(staging.directory(id))) {
      return true;
    }
    for (JobSpec job : jobs()) {
      if (whole.toString().equals(staging.store(staging.cluster(id)).directoryOf(job.job()))
          || marked(files, whole, job.lineage())) {
        return true;
      }
    }
    return false;
  }

  /** Sinks leave their job's lineage in the names or contents of the markers in their directory. */
  private static boolean marked(
      FileSystem files, org.apache.hadoop.fs.Path directory, String lineage) throws IOException {
    for (FileStatus status : list(files, directory)) {
      String name = status.getPath().getName();
      if (!name.startsWith("_")) {
        continue;
      }
      if (name.contains(lineage)) {
        return true;
      }
      boolean inside =
          status.isDirectory()
              ? list(files, status.getPath()).stream()
                  .anyMatch(below -> below.getPath().getName().equals(lineage))
              : status.getLen() < 4096
                  && new String(Staging.read(files, status.getPath()), StandardCharsets.UTF_8)
                      .contains(lineage);
      if (inside) {
        return true;
      }
    }
    return false;
  }

  private static List<FileStatus> list(FileSystem files, org.apache.hadoop.fs.Path directory)
      throws IOException {
    try {
      return List.of(files.listStatus(directory));
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  private JobResult settle(StagedCluster cluster, JobSpec job) throws IOException {
    Path folder = Files.createTempDirectory("millrace-clean-");
    var classes = new JarClasses(Leftover.class.getClassLoader(), new HdfsOrigin(conf), folder);
    try {
      ClassLoader loader = classes.open(job.job(), located(cluster, job.jars()));
      return Settlement.clean(
          staging.store(cluster), job, loader, owner(), System.currentTimeMillis());
    } catch (SinkException e) {
      throw new IOException(e.operator() + ": " + e.getMessage(), e);
    } finally {
      classes.release(job.job());
      delete(folder);
    }
  }

  /** The program's jars, which the sinks may need, where the containers got them from. */
  private static List<JarRef> located(StagedCluster cluster, List<JarRef> jars) {
    var stored = new TreeMap<String, String>();
    cluster.files().forEach(file -> stored.put(file.link(), file.location()));
    return jars.stream()
        .map(
            jar ->
                new JarRef(
                    jar.sha256(), jar.name(), stored.getOrDefault(jar.location(), jar.location())))
        .toList();
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.info("{} is left behind: {}", folder, e.toString());
    }
  }
}
