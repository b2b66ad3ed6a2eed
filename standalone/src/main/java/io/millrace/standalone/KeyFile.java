package io.millrace.standalone;

import io.millrace.runtime.host.ClusterIdentity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The file that makes a process a member of the cluster. No platform hands secrets out, so it is
 * for people to bring it to every host. It never stands in an argument, a variable or a log.
 */
public final class KeyFile {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  /** Keys have some hundred bytes. */
  private static final long MOST_BYTES = 64 << 10;

  private final Path path;

  public KeyFile(Path path) {
    this.path = path;
  }

  public Path path() {
    return path;
  }

  public boolean exists() {
    return Files.exists(path);
  }

  /**
   * Makes a new key, unless there is one. Of several processes that do so at once one wins.
   *
   * @return whether it was made now
   */
  public boolean create(String clusterId) throws IOException {
    if (exists()) {
      return false;
    }
    Path folder = path.toAbsolutePath().getParent();
    // Whole or not at all: another process may read it in the next moment.
    Path draft =
        Files.createTempFile(
            folder,
            path.getFileName().toString(),
            ".tmp",
            PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try {
      Files.write(
          draft, ClusterIdentity.create(clusterId).toBytes(), StandardOpenOption.TRUNCATE_EXISTING);
      Files.createLink(path, draft);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.delete(draft);
    }
  }

  /**
   * @throws IOException if it is not there, or others might have read or written it; the message is
   *     one line with the remedy
   */
  public ClusterIdentity read() throws IOException {
    PosixFileAttributes attributes;
    try {
      attributes = Files.readAttributes(path, PosixFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw new IOException(
          "there is no key of the cluster at "
              + path
              + "; copy it from the host on which jobmanager.sh has made it, readable for you only"
              + " (chmod 600)",
          e);
    }
    String user = System.getProperty("user.name");
    if (!attributes.owner().getName().equals(user)) {
      throw new IOException(
          "the cluster's key "
              + path
              + " belongs to "
              + attributes.owner().getName()
              + ", not to "
              + user
              + "; whoever has made it could pose as the cluster: chown it if it is yours");
    }
    String mode = PosixFilePermissions.toString(attributes.permissions());
    if (!mode.endsWith("------")) {
      throw new IOException(
          "the cluster's key "
              + path
              + " has the mode "
              + mode
              + ": others of this machine may have read it; delete it on every host while the"
              + " cluster is stopped, so that a new one is made, or chmod 600 it if nobody else is"
              + " here");
    }
    if (attributes.size() > MOST_BYTES) {
      throw new IOException(path + " is no key of a cluster: it is too large");
    }
    try {
      return ClusterIdentity.fromBytes(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new IOException(path + " is no key of a cluster: " + e.getMessage(), e);
    }
  }
}
