package io.millrace.runtime.host;

import io.millrace.runtime.protocol.JarRef;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * Copies of jars that do not lie on this machine: one of each content, however many jobs use it,
 * deleted with the last of them. Any thread; those that want the same jar wait for one fetch.
 */
final class FetchedJars {
  private static final int BUFFER = 128 << 10;

  private final Path folder;
  private final FileOrigin origin;

  // Guarded by this.
  private final Map<String, Copy> copies = new HashMap<>();
  private long made;

  /**
   * @param folder on local disk, of this process alone; made when it is needed
   */
  FetchedJars(Path folder, FileOrigin origin) {
    this.folder = folder.toAbsolutePath();
    this.origin = origin;
  }

  private static final class Copy {
    final Path path;
    int users;

    /** Guarded by the copy. */
    boolean whole;

    Copy(Path path) {
      this.path = path;
    }
  }

  /**
   * Where the jar is on this machine, until {@link #drop}.
   *
   * @throws IOException if it cannot be fetched, or is not what its hash says
   */
  Path hold(JarRef jar) throws IOException {
    Copy copy;
    synchronized (this) {
      // A name of its own for each, so that a late deletion cannot meet a new fetch.
      copy =
          copies.computeIfAbsent(
              jar.sha256(), hash -> new Copy(folder.resolve(hash + "-" + made++ + ".jar")));
      copy.users++;
    }
    try {
      synchronized (copy) {
        if (!copy.whole) {
          fetch(jar, copy.path);
          copy.whole = true;
        }
      }
      return copy.path;
    } catch (IOException | RuntimeException e) {
      drop(jar);
      throw e;
    }
  }

  /** Once for each {@link #hold} that returned. */
  void drop(JarRef jar) {
    Path unused = null;
    synchronized (this) {
      Copy copy = copies.get(jar.sha256());
      if (--copy.users == 0) {
        copies.remove(jar.sha256());
        unused = copy.path;
      }
    }
    if (unused != null) {
      Folders.delete(unused);
    }
  }

  private void fetch(JarRef jar, Path into) throws IOException {
    Files.createDirectories(folder, Folders.privately(folder));
    MessageDigest digest = JarClasses.sha256();
    try (InputStream in = origin.open(jar.location());
        OutputStream out = Files.newOutputStream(into)) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        out.write(buffer, 0, n);
        LanePool.progress();
      }
    } catch (FileNotFoundException e) {
      throw new IOException(
          "the job's jar " + jar.name() + " is not at " + jar.location() + " any more", e);
    }
    JarClasses.check(jar, HexFormat.of().formatHex(digest.digest()));
  }
}
