package io.millrace.hdfs;

import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a submission puts into the store of jars, and how much of it was there already. */
public final class Upload {
  private static final Logger LOG = LoggerFactory.getLogger(Upload.class);

  private final JarStore store;
  private final long now;
  private final Digests digests;
  private long travelled;
  private long known;
  private int files;
  private int found;

  /** What files of this machine hold. */
  @FunctionalInterface
  public interface Digests {
    /** The SHA-256 of its bytes, in hexadecimal digits. */
    String of(Path file) throws IOException;
  }

  /**
   * @param now wall-clock milliseconds
   */
  public Upload(JarStore store, long now) {
    this(store, now, JarStore::sha256);
  }

  /**
   * The same.
   *
   * @param digests whoever knows them need not read what is there already
   */
  public Upload(JarStore store, long now, Digests digests) {
    this.store = store;
    this.now = now;
    this.digests = digests;
  }

  public JarStore.Stored put(Path file) throws IOException {
    return put(file, digests.of(file));
  }

  /**
   * The same for a file whose digest is known.
   *
   * @throws JarStore.ChangedException if it has to travel and is not what the digest says
   */
  public JarStore.Stored put(Path file, String sha256) throws IOException {
    return counted(store.put(file, sha256, now));
  }

  /** The files that functions of a job read, where TaskManagers fetch them then. */
  public List<FileRef> put(FileTransfer transfer) throws IOException {
    transfer.put(store, now).forEach(put -> counted(put.stored()));
    return transfer.refs();
  }

  /** A job with its jars and files, where a cluster that runs already fetches them. */
  public PlacedJob place(JobSpec job, List<Path> jars, FileTransfer files) throws IOException {
    var refs = new ArrayList<JarRef>();
    for (Path jar : jars) {
      JarStore.Stored stored = put(jar);
      refs.add(new JarRef(stored.sha256(), jar.getFileName().toString(), stored.path().toString()));
    }
    var spec =
        new JobSpec(job.job(), job.lineage(), job.graph(), refs, put(files), job.restoreFrom());
    return new PlacedJob(spec, travelled, known);
  }

  private JarStore.Stored counted(JarStore.Stored stored) {
    files++;
    found += stored.uploaded() == 0 ? 1 : 0;
    travelled += stored.uploaded();
    known += stored.uploaded() == 0 ? stored.length() : 0;
    return stored;
  }

  /** For people. */
  public String described() {
    return "files: "
        + (files - found)
        + " uploaded ("
        + travelled
        + " bytes), "
        + found
        + " found there ("
        + known
        + " bytes)";
  }

  /** Bytes that had to travel. */
  public long travelled() {
    return travelled;
  }

  /** Bytes that the cluster had already. */
  public long known() {
    return known;
  }

  /** Deletes what none has used for long and nobody names. */
  public void removeUnused(JarStore.InUse inUse) throws IOException {
    for (String removed : store.removeUnused(now, inUse)) {
      LOG.info(
          "Removed a jar that was not used for {} days: {}", JarStore.UNUSED.toDays(), removed);
    }
  }
}
