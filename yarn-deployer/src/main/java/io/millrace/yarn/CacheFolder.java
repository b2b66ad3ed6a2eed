package io.millrace.yarn;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Set;

/**
 * Where commands of this user keep on this machine what saves the next one time. Whoever can write
 * here can run code in our containers, so nobody else may.
 */
record CacheFolder(Path path) {
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  /** {@code MILLRACE_CACHE_DIR}, else below the user's own cache. */
  static CacheFolder of(Map<String, String> environment) {
    String chosen = environment.getOrDefault("MILLRACE_CACHE_DIR", "");
    if (!chosen.isBlank()) {
      return new CacheFolder(Path.of(chosen).toAbsolutePath());
    }
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    return new CacheFolder(
        (cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
            .resolve("millrace"));
  }

  /**
   * Makes it if it is not there.
   *
   * @throws IOException also if others can write to it
   */
  void open() throws IOException {
    Files.createDirectories(path.getParent());
    try {
      Files.createDirectory(path, PosixFilePermissions.asFileAttribute(OWNER_FOLDER));
    } catch (FileAlreadyExistsException e) {
      String me = System.getProperty("user.name");
      if (!Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).getName().equals(me)
          || !Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).equals(OWNER_FOLDER)) {
        throw new IOException(path + " is not a folder of " + me + " alone (mode 700)");
      }
    }
  }

  /** What lies in it by that name. */
  Path resolve(String name) {
    return path.resolve(name);
  }
}
