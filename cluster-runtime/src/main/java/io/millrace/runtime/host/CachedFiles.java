package io.millrace.runtime.host;

import io.millrace.api.cache.DistributedCache;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.task.FileUnusableException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The files of the jobs that have tasks in this process: fetched when the first task needs them,
 * shared by all, deleted when the job has ended. Readable for this user only.
 */
final class CachedFiles {
  private static final int BUFFER = 128 << 10;

  /** How often one who waits looks whether the one who fetches comes further. */
  private static final long LOOK_MILLIS = 500;

  private final Path folder;
  private final FileOrigin origin;
  private final Runnable further;

  /** Guarded by this. */
  private final TreeMap<JobId, OfJob> jobs = new TreeMap<>();

  /**
   * @param folder on local disk, of this process alone; made when it is needed
   * @param further called by each thread that fetches or waits, as long as bytes come
   */
  CachedFiles(Path folder, FileOrigin origin, Runnable further) {
    this.folder = folder.toAbsolutePath();
    this.origin = origin;
    this.further = further;
  }

  /**
   * Waits until the files are here; whoever comes while they are fetched waits for the same.
   *
   * @throws FileUnusableException if one is not what it was when the job was submitted
   */
  DistributedCache open(JobId job, List<FileRef> files) throws IOException {
    if (files.isEmpty()) {
      return DistributedCache.EMPTY;
    }
    OfJob own;
    synchronized (this) {
      own = jobs.computeIfAbsent(job, OfJob::new);
    }
    return own.open(files);
  }

  /** Deletes the files of a job that has no task here. */
  void release(JobId job) {
    OfJob own;
    synchronized (this) {
      own = jobs.remove(job);
    }
    if (own != null) {
      own.delete();
    }
  }

  private final class OfJob {
    private final Path place;
    private final ReentrantLock atWork = new ReentrantLock();
    private final AtomicLong chunks = new AtomicLong();

    /** Guarded by the lock. */
    private DistributedCache cache;

    OfJob(JobId job) {
      this.place = folder.resolve(job.hex());
    }

    DistributedCache open(List<FileRef> files) throws IOException {
      awaitTurn();
      try {
        if (cache == null) {
          cache = fetch(files);
        }
        return cache;
      } finally {
        atWork.unlock();
      }
    }

    /** Whoever waits comes as far as the one who fetches. */
    private void awaitTurn() throws IOException {
      long before = chunks.get();
      try {
        while (!atWork.tryLock(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
          long now = chunks.get();
          if (now != before) {
            before = now;
            further.run();
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while another task fetched the files");
      }
    }

    private DistributedCache fetch(List<FileRef> files) throws IOException {
      var here = new TreeMap<String, Path>();
      try {
        for (int i = 0; i < files.size(); i++) {
          // A folder for each, so that those of one name do not meet.
          Path own = place.resolve(Integer.toString(i));
          Files.createDirectories(own, Folders.privately(own));
          here.put(
              files.get(i).file().name(),
              CachedFiles.this.fetch(files.get(i), own, this::cameFurther));
        }
      } catch (IOException | RuntimeException e) {
        Folders.delete(place);
        throw e;
      }
      return new DistributedCache(here);
    }

    private void cameFurther() {
      chunks.incrementAndGet();
      further.run();
    }

    void delete() {
      atWork.lock();
      try {
        Folders.delete(place);
      } finally {
        atWork.unlock();
      }
    }
  }

  private Path fetch(FileRef ref, Path into, Runnable cameFurther) throws IOException {
    Path copy = into.resolve(nameOf(ref));
    try {
      if (ref.file().stays()) {
        copyUnchanged(ref, copy, cameFurther);
      } else {
        copyOf(ref, copy, cameFurther);
      }
    } catch (FileNotFoundException e) {
      var gone =
          new FileUnusableException(
              named(ref) + " is not there any more; put it back, or submit the job again");
      gone.initCause(e);
      throw gone;
    }
    protect(copy, ref.file().executable());
    return copy;
  }

  private static String nameOf(FileRef ref) {
    String name = ref.file().fileName();
    return name.isEmpty() || name.equals(".") || name.equals("..") ? "file" : name;
  }

  /** Compares its times and lengths: it may be of any size and belong to anybody. */
  private void copyUnchanged(FileRef ref, Path copy, Runnable cameFurther) throws IOException {
    check(ref);
    try (InputStream in = origin.open(ref.location())) {
      write(in, copy, cameFurther);
    }
    check(ref);
  }

  private static void write(InputStream in, Path copy, Runnable cameFurther) throws IOException {
    try (OutputStream out = Files.newOutputStream(copy)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        cameFurther.run();
      }
    }
  }

  private void check(FileRef ref) throws IOException {
    FileOrigin.State now = origin.state(ref.location());
    var then = new FileOrigin.State(ref.length(), ref.modifiedMillis());
    if (!now.equals(then)) {
      throw new FileUnusableException(
          named(ref)
              + " has changed since the job was submitted: it had "
              + described(then)
              + ", and has "
              + described(now)
              + "; put the former back, or submit the job again");
    }
  }

  private static String described(FileOrigin.State state) {
    return state.length() + " bytes of " + Instant.ofEpochMilli(state.modifiedMillis());
  }

  private void copyOf(FileRef ref, Path copy, Runnable cameFurther) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(origin.open(ref.location()), digest)) {
      write(in, copy, cameFurther);
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(ref.file().sha256())) {
      throw new FileUnusableException(
          named(ref)
              + " is not the one that was submitted: expected SHA-256 "
              + ref.file().sha256()
              + ", found "
              + found
              + "; delete what is there, and submit the job again");
    }
  }

  private static String named(FileRef ref) {
    return "the cached file '" + ref.file().name() + "' at " + ref.location();
  }

  /** All functions of the job share it, and a restart counts on it. */
  private static void protect(Path copy, boolean executable) throws IOException {
    if (copy.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(
          copy,
          executable
              ? Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_EXECUTE)
              : Set.of(PosixFilePermission.OWNER_READ));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
