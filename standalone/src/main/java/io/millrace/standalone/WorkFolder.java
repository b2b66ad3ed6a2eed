package io.millrace.standalone;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder on local disk that belongs to one process and goes with it. One that a process which was
 * killed has left, under the same name, is emptied first.
 */
public final class WorkFolder {
  private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);

  /**
   * Makes it, and has it deleted when this process ends.
   *
   * @throws IOException if it is there and somebody else's; the message is one line
   */
  public static Path make(Path folder) throws IOException {
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    try {
      Files.createDirectory(folder, ownerOnly);
    } catch (FileAlreadyExistsException e) {
      String owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName();
      if (!owner.equals(System.getProperty("user.name"))) {
        throw new IOException(
            folder + " belongs to " + owner + "; set MILLRACE_WORK_DIR to a folder of yours", e);
      }
      delete(folder);
      Files.createDirectory(folder, ownerOnly);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "work folder"));
    return folder;
  }

  /** Best effort. */
  static void delete(Path folder) {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is left behind", folder, e);
      return;
    }
    for (Path file : all) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        LOG.warn("{} is left behind", file, e);
      }
    }
  }

  private WorkFolder() {}
}
