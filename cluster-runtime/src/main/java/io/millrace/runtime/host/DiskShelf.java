package io.millrace.runtime.host;

import io.millrace.runtime.disk.DiskFolder;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.taskmanager.CopyShelf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies in folders of the local disk that the TaskManagers of a cluster share: {@code
 * <shelf>/<TaskManager>/<job>/<state file>}. Each holds a lock in its own for as long as it lives,
 * which the system opens when the process is gone, however it went: what has no lock belongs to
 * nobody any more. Safe for use by several threads.
 */
final class DiskShelf implements CopyShelf, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DiskShelf.class);
  private static final String LOCK = "lock";

  /** It becomes the name of a folder, and anybody may have written the manifest that it is from. */
  private static final Pattern FILE = Pattern.compile("data/([A-Za-z0-9_][A-Za-z0-9_.-]*)");

  private final Path own;
  private final List<Path> shelves;

  /** Guarded by this: {@code null} until there is something to keep. */
  private FileChannel lock;

  /**
   * @param own folder of this TaskManager alone, where only it may write; made when it is needed
   * @param shelves below which others have theirs, none of which need be there
   */
  DiskShelf(Path own, List<Path> shelves) {
    this.own = own.toAbsolutePath();
    this.shelves = List.copyOf(shelves);
  }

  @Override
  public StateFolder make(JobId job, String stateFile) throws IOException {
    hold();
    Path place = own.resolve(job.hex()).resolve(nameOf(stateFile));
    return DiskFolder.make(place, LanePool::progress);
  }

  private synchronized void hold() throws IOException {
    if (lock == null) {
      DiskFolder.makeOwn(own);
      lock = opened(own, StandardOpenOption.CREATE);
      if (lock.tryLock() == null) {
        lock.close();
        lock = null;
        throw new IOException("another process has " + own);
      }
    }
  }

  private static FileChannel opened(Path folder, StandardOpenOption... further) throws IOException {
    var options = new ArrayList<>(List.of(further));
    options.add(StandardOpenOption.WRITE);
    return FileChannel.open(folder.resolve(LOCK), options.toArray(StandardOpenOption[]::new));
  }

  private static String nameOf(String stateFile) throws IOException {
    var matcher = FILE.matcher(stateFile);
    if (!matcher.matches()) {
      throw new IOException("no name of a state file: '" + stateFile + "'");
    }
    return matcher.group(1);
  }

  @Override
  public Optional<StateFolder> ofOthers(JobId job, String stateFile) {
    try {
      String name = nameOf(stateFile);
      return others().stream()
          .map(other -> other.resolve(job.hex()).resolve(name))
          .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
          .findFirst()
          .map(path -> new DiskFolder(path, file -> false, file -> {}, LanePool::progress));
    } catch (IOException e) {
      LOG.debug("Nobody else's copies can be looked for: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private List<Path> others() throws IOException {
    var all = new ArrayList<Path>();
    for (Path shelf : shelves) {
      if (Files.isDirectory(shelf)) {
        try (Stream<Path> folders = Files.list(shelf)) {
          folders.map(Path::toAbsolutePath).filter(each -> !each.equals(own)).forEach(all::add);
        } catch (UncheckedIOException e) {
          throw e.getCause();
        }
      }
    }
    return all;
  }

  @Override
  public void sweep(JobId job) {
    try {
      for (Path other : others()) {
        Path copies = other.resolve(job.hex());
        if (Files.isDirectory(copies, LinkOption.NOFOLLOW_LINKS)) {
          sweep(other, copies);
        }
      }
    } catch (IOException e) {
      LOG.debug("Nobody else's copies can be looked for: {}", e.getMessage());
    }
  }

  /** Others may be sweeping, too. */
  private static void sweep(Path other, Path copies) {
    try (FileChannel channel = opened(other);
        FileLock dead = channel.tryLock()) {
      if (dead != null) {
        DiskFolder.delete(copies);
        LOG.info("{} is swept away: its TaskManager is dead", copies);
        if (hasNothingButItsLock(other)) {
          DiskFolder.delete(other);
        }
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("{} belongs to a TaskManager of this process", other);
    } catch (IOException e) {
      LOG.debug("{} stays: {}", copies, e.getMessage());
    }
  }

  private static boolean hasNothingButItsLock(Path other) throws IOException {
    try (Stream<Path> left = Files.list(other)) {
      return left.allMatch(each -> each.endsWith(LOCK));
    }
  }

  /** From now on it belongs to nobody. */
  @Override
  public synchronized void close() {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        LOG.debug("{} stays locked: {}", own, e.getMessage());
      }
    }
  }
}
