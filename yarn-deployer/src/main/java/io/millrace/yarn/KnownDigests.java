package io.millrace.yarn;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 of files of this machine. A command that starts a job asks for those of forty megabytes
 * of jars, and reading them takes longer than all else that it does itself; so digests are noted
 * down with what changes when a file does: its length, its inode, and the times of the last change
 * to its content and to its inode, which nobody can set back. One thread at a time.
 */
final class KnownDigests {
  private static final Logger LOG = LoggerFactory.getLogger(KnownDigests.class);
  private static final String FILE = "digests";
  private static final int MOST = 500;

  /** A file that has changed this lately may change again within the same tick of its times. */
  private static final long SETTLED_MILLIS = TimeUnit.SECONDS.toMillis(3);

  private final CacheFolder folder;
  private final LongSupplier wallMillis;

  /** By path and state of the file, the last asked for last; {@code null} before the first. */
  private LinkedHashMap<String, String> known;

  private boolean changed;

  KnownDigests(CacheFolder folder, LongSupplier wallMillis) {
    this.folder = folder;
    this.wallMillis = wallMillis;
  }

  /** In hexadecimal digits. */
  String of(Path file) throws IOException {
    Path whole = file.toRealPath();
    String state = state(whole);
    String digest = known().remove(state);
    if (digest == null) {
      digest = compute(whole);
      if (!state.equals(state(whole)) || changedLately(whole)) {
        return digest;
      }
      changed = true;
    }
    known().put(state, digest);
    return digest;
  }

  private static String state(Path file) throws IOException {
    Map<String, Object> now = Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
    return now.get("size")
        + " "
        + now.get("ino")
        + " "
        + nanos(now.get("lastModifiedTime"))
        + " "
        + nanos(now.get("ctime"))
        + " "
        + file;
  }

  private static long nanos(Object time) {
    return ((FileTime) time).to(TimeUnit.NANOSECONDS);
  }

  private boolean changedLately(Path file) throws IOException {
    long changed = ((FileTime) Files.getAttribute(file, "unix:ctime")).toMillis();
    return changed > wallMillis.getAsLong() - SETTLED_MILLIS;
  }

  private Map<String, String> known() {
    if (known == null) {
      known = new LinkedHashMap<>();
      try {
        folder.open();
        for (String line : Files.readAllLines(folder.resolve(FILE))) {
          int space = line.indexOf(' ');
          known.put(line.substring(space + 1), line.substring(0, space));
        }
      } catch (NoSuchFileException e) {
        LOG.debug("No digests are known yet");
      } catch (IOException | RuntimeException e) {
        LOG.info("What is known of digests cannot be read", e);
        known.clear();
      }
    }
    return known;
  }

  /** For the next command. */
  void keep() {
    if (!changed) {
      return;
    }
    Path partial = null;
    try {
      folder.open();
      var lines = new ArrayList<String>();
      known().forEach((state, digest) -> lines.add(digest + " " + state));
      partial = Files.createTempFile(folder.path(), "make-", "");
      Files.write(partial, lines.subList(Math.max(0, lines.size() - MOST), lines.size()));
      Files.move(partial, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
      changed = false;
    } catch (IOException | RuntimeException e) {
      LOG.info("Digests are not kept", e);
      delete(partial);
    }
  }

  private static void delete(Path partial) {
    try {
      if (partial != null) {
        Files.deleteIfExists(partial);
      }
    } catch (IOException e) {
      LOG.info("{} stays", partial, e);
    }
  }

  static String compute(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
