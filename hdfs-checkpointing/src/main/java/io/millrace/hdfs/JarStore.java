package io.millrace.hdfs;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options.CreateOpts;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Jars of one user, each stored once under the SHA-256 of its bytes, readable by that user only.
 *
 * <p>The time of a jar's last use is that of an empty file beside it: nodes recognise a jar by its
 * own time, so that must never change, and access times are switched off on many clusters. One
 * thread uses a store, for one submission.
 */
public final class JarStore {
  public static final Duration UNUSED = Duration.ofDays(30);

  /** Longer than any upload lasts. */
  private static final Duration UPLOAD_TIME = Duration.ofDays(1);

  /** A use is noted again after this time. */
  private static final Duration NOTED = Duration.ofDays(1);

  private static final String USED = ".used";
  private static final String UPLOAD = ".upload-";
  private static final FsPermission OWNER_FOLDER = new FsPermission((short) 0700);
  private static final FsPermission OWNER_FILE = new FsPermission((short) 0600);
  private static final int BUFFER = 128 << 10;

  private final FileContext files;
  private final Path folder;

  /** Null until somebody asks. */
  private Map<String, FileStatus> listed;

  /**
   * @param base folder that holds {@code jars/}
   */
  public JarStore(Path base, Configuration conf) throws IOException {
    this.files =
        base.toUri().getScheme() == null
            ? FileContext.getFileContext(conf)
            : FileContext.getFileContext(base.toUri(), conf);
    this.files.setUMask(new FsPermission((short) 0077));
    this.folder = files.makeQualified(new Path(base, "jars"));
  }

  /**
   * A jar in the store.
   *
   * @param modifiedMillis of the stored file, as YARN wants it named
   * @param uploaded bytes that had to travel: 0 if the content was known
   */
  public record Stored(String sha256, Path path, long length, long modifiedMillis, long uploaded) {}

  /** Makes sure that the jar's content is in the store and counts as used now. */
  public Stored put(java.nio.file.Path jar, long wallMillis) throws IOException {
    return put(jar, sha256(jar), wallMillis);
  }

  /**
   * The same for a file of any kind whose digest is known.
   *
   * @throws ChangedException if it has to travel and is not what the digest says
   */
  public Stored put(java.nio.file.Path jar, String sha256, long wallMillis) throws IOException {
    long length = Files.size(jar);
    Path target = new Path(folder, sha256);
    FileStatus listed = listed(wallMillis).get(sha256);
    if (listed != null && listed.getLen() == length) {
      return new Stored(sha256, target, length, listed.getModificationTime(), 0);
    }
    files.mkdir(folder, OWNER_FOLDER, true);
    touch(target, wallMillis); // first, so that nobody removes what is found next
    FileStatus known = find(target);
    if (known != null && known.getLen() == length) {
      return new Stored(sha256, target, length, known.getModificationTime(), 0);
    }
    upload(jar, sha256, length, target, known != null);
    FileStatus stored = files.getFileStatus(target);
    return new Stored(sha256, target, length, stored.getModificationTime(), length);
  }

  /** What was to be stored is not what its digest says. */
  public static final class ChangedException extends IOException {
    ChangedException(java.nio.file.Path file) {
      super(file + " changed while it was uploaded; submit again once it is built");
    }
  }

  /**
   * The jars that were there when this store was first asked, and were used so lately that nobody
   * removes them and nothing need be noted: a job has twenty, and each question takes its time.
   */
  private Map<String, FileStatus> listed(long wallMillis) throws IOException {
    if (listed == null) {
      listed = new HashMap<>();
      var lately = new HashSet<String>();
      List<FileStatus> all = list();
      for (FileStatus status : all) {
        String name = status.getPath().getName();
        if (name.endsWith(USED)
            && status.getModificationTime() > wallMillis - NOTED.toMillis()
            && status.getModificationTime() <= wallMillis) {
          lately.add(name.substring(0, name.length() - USED.length()));
        }
      }
      for (FileStatus status : all) {
        if (lately.contains(status.getPath().getName())) {
          listed.put(status.getPath().getName(), status);
        }
      }
    }
    return listed;
  }

  /** What applications need that may start a container yet, however long ago it was put. */
  @FunctionalInterface
  public interface InUse {
    /**
     * @return names of jars, or empty if that cannot be said now
     */
    Optional<Set<String>> names() throws IOException;
  }

  /**
   * Removes jars that nobody has put for {@link #UNUSED} and that are not in use, and what uploads
   * left that broke off at least a day ago. What is in use counts as used now.
   *
   * @param inUse is asked only if a jar is that old; while it cannot say, no jar is removed
   * @return names of the jars removed
   */
  public List<String> removeUnused(long wallMillis, InUse inUse) throws IOException {
    List<Path> old = notPutLately(wallMillis);
    // Asked after the look at the markers: who starts to submit in between has said so by then.
    Optional<Set<String>> names = old.isEmpty() ? Optional.empty() : inUse.names();
    if (names.isEmpty()) {
      return List.of();
    }
    var removed = new ArrayList<String>();
    for (Path jar : old) {
      if (names.get().contains(jar.getName())) {
        touch(jar, wallMillis);
      } else {
        files.delete(jar, false);
        files.delete(marker(jar), false);
        removed.add(jar.getName());
      }
    }
    return removed;
  }

  /** Also removes what broken uploads left. */
  private List<Path> notPutLately(long wallMillis) throws IOException {
    long oldest = wallMillis - UNUSED.toMillis();
    var old = new ArrayList<Path>();
    for (FileStatus status : list()) {
      String name = status.getPath().getName();
      if (name.contains(UPLOAD)) {
        if (status.getModificationTime() < wallMillis - UPLOAD_TIME.toMillis()) {
          files.delete(status.getPath(), false);
        }
        continue;
      }
      if (name.endsWith(USED) || status.getModificationTime() >= oldest) {
        continue;
      }
      FileStatus used = find(marker(status.getPath()));
      if (used == null || used.getModificationTime() < oldest) {
        old.add(status.getPath());
      }
    }
    return old;
  }

  private void upload(
      java.nio.file.Path jar, String sha256, long length, Path target, boolean replace)
      throws IOException {
    Path partial = target.suffix(UPLOAD + UUID.randomUUID());
    boolean moved = false;
    try {
      MessageDigest digest = digest();
      try (InputStream in = new DigestInputStream(Files.newInputStream(jar), digest);
          FSDataOutputStream out =
              files.create(partial, EnumSet.of(CreateFlag.CREATE), CreateOpts.perms(OWNER_FILE))) {
        in.transferTo(out);
        out.hsync();
      }
      long arrived = files.getFileStatus(partial).getLen();
      if (arrived != length || !HexFormat.of().formatHex(digest.digest()).equals(sha256)) {
        throw new ChangedException(jar);
      }
      try {
        files.rename(partial, target, replace ? Rename.OVERWRITE : Rename.NONE);
        moved = true;
      } catch (IOException e) {
        FileStatus other = find(target);
        if (other == null || other.getLen() != length) {
          throw e;
        }
        // Somebody stored the same content meanwhile, or only the answer was lost.
      }
    } finally {
      if (!moved) {
        files.delete(partial, false);
      }
    }
  }

  private void touch(Path jar, long wallMillis) throws IOException {
    Path marker = marker(jar);
    try {
      files.create(marker, EnumSet.of(CreateFlag.CREATE), CreateOpts.perms(OWNER_FILE)).close();
    } catch (IOException e) {
      if (find(marker) == null) {
        throw e;
      }
      // It is there, as on every use but the first, or somebody else makes it just now.
    }
    files.setTimes(marker, wallMillis, -1);
  }

  private static Path marker(Path jar) {
    return jar.suffix(USED);
  }

  private FileStatus find(Path path) throws IOException {
    try {
      return files.getFileStatus(path);
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private List<FileStatus> list() throws IOException {
    var found = new ArrayList<FileStatus>();
    try {
      RemoteIterator<FileStatus> statuses = files.listStatus(folder);
      while (statuses.hasNext()) {
        found.add(statuses.next());
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    return found;
  }

  static String sha256(java.nio.file.Path jar) throws IOException {
    MessageDigest digest = digest();
    var buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(jar)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
