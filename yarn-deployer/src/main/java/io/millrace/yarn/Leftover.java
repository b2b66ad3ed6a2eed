package io.millrace.yarn;

import io.millrace.api.config.Configuration;
import io.millrace.hdfs.HdfsCheckpointStore;
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
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What one application has staged, and its job promised, if its JobManager did not come to it. */
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
    Optional<StagedJob> job = job();
    if (job.isEmpty()) {
      // The submission did not get that far, so nothing has ever run.
      staging.delete(staging.directory(id));
      return id + ": removed what an unfinished submission had staged";
    }
    JobResult result = settle(job.get());
    staging.delete(staging.directory(id));
    return id
        + ": job "
        + job.get().spec().job()
        + " is "
        + result.status()
        + ", its output is settled";
  }

  /** The job of the application; empty if its submission has not got that far, or it is over. */
  Optional<StagedJob> job() throws IOException {
    try {
      return Optional.of(StagedJob.fromBytes(staging.read(staging.jobFile(id))));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /** Whether the path is the application's own, or a directory that its job writes to. */
  boolean concerns(String path) throws IOException {
    var place = new org.apache.hadoop.fs.Path(path);
    FileSystem files = place.getFileSystem(conf);
    var whole = files.makeQualified(place);
    if (whole.equals(staging.directory(id))) {
      return true;
    }
    Optional<StagedJob> job = job();
    if (job.isEmpty()) {
      return false;
    }
    JobSpec spec = job.get().spec();
    if (whole.toString().equals(store(job.get()).directoryOf(spec.job()))) {
      return true;
    }
    return marked(files, whole, spec.lineage());
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

  private HdfsCheckpointStore store(StagedJob job) throws IOException {
    return new HdfsCheckpointStore(
        staging.checkpoints(new Configuration(job.configuration())), conf);
  }

  private JobResult settle(StagedJob job) throws IOException {
    Path folder = Files.createTempDirectory("millrace-clean-");
    var classes = new JarClasses(Leftover.class.getClassLoader());
    JobSpec spec = job.spec();
    try {
      ClassLoader loader = classes.open(spec.job(), fetch(job, folder));
      return Settlement.clean(
          store(job), spec, loader, "clean-" + UUID.randomUUID(), System.currentTimeMillis());
    } catch (SinkException e) {
      throw new IOException(e.operator() + ": " + e.getMessage(), e);
    } finally {
      classes.release(spec.job());
      delete(folder);
    }
  }

  /** The program's jars, which the sinks may need. */
  private List<JarRef> fetch(StagedJob job, Path folder) throws IOException {
    var local = new ArrayList<JarRef>();
    for (JarRef jar : job.spec().jars()) {
      StagedFile stored =
          job.files().stream()
              .filter(file -> file.link().equals(jar.location()))
              .findFirst()
              .orElseThrow(
                  () -> new IOException("the staged job does not say where " + jar + " is"));
      Path copy = folder.resolve(jar.sha256() + ".jar");
      if (!Files.exists(copy)) {
        var from = new org.apache.hadoop.fs.Path(stored.location());
        try (var in = from.getFileSystem(conf).open(from)) {
          Files.copy(in, copy);
        }
      }
      local.add(new JarRef(jar.sha256(), jar.name(), copy.toString()));
    }
    return local;
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
