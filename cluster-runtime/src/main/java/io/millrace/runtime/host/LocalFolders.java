package io.millrace.runtime.host;

import java.nio.file.Path;
import java.util.List;

/**
 * What a TaskManager has of the local disk; all of it is made when it is needed.
 *
 * @param work its own, for what is worth nothing without the process
 * @param copies its own, for copies of the state files that it has written; what is found there by
 *     a TaskManager that comes later need not be fetched from afar. On the disk of {@code work}, or
 *     else copies cost the time to write them
 * @param shelves folders below which other TaskManagers of the cluster have theirs
 */
public record LocalFolders(Path work, Path copies, List<Path> shelves) {
  public LocalFolders {
    shelves = List.copyOf(shelves);
  }

  /** Of a TaskManager that nobody comes after. */
  public static LocalFolders alone(Path work) {
    return new LocalFolders(work, work.resolve("copies"), List.of());
  }
}
