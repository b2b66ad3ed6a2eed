package io.millrace.runtime.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** What to do with folders of temporary files. */
final class Folders {
  private static final String PRIVATE = "rwx------";

  /** Deletes all of it, as far as that can be done; what stays is in nobody's way. */
  static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      return;
    }
  }

  /** How a folder is made that only this user may enter, where the file system knows of that. */
  static FileAttribute<?>[] privately(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE))
        }
        : new FileAttribute<?>[0];
  }

  private Folders() {}
}
