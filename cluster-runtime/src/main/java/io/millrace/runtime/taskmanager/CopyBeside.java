package io.millrace.runtime.taskmanager;

import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to local disk what goes by on its way to the store. A disk that fails costs the copy,
 * nothing else. May wait.
 */
final class CopyBeside {
  private static final Logger LOG = LoggerFactory.getLogger(CopyBeside.class);

  private final TaskHost host;
  private final String name;
  private StateFolder folder;
  private boolean failed;

  /**
   * @param name of the folder, unlike all others
   */
  CopyBeside(TaskHost host, String name) {
    this.host = host;
    this.name = name;
  }

  /** The same parts. */
  Iterable<byte[]> of(Iterable<byte[]> parts) {
    return () -> {
      Iterator<byte[]> each = parts.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return each.hasNext();
        }

        @Override
        public byte[] next() {
          byte[] part = each.next();
          copy(part);
          return part;
        }
      };
    };
  }

  private void copy(byte[] part) {
    if (failed) {
      return;
    }
    try {
      if (folder == null) {
        folder = host.newFolder(name);
      }
      folder.append(LocalCopies.FILE, part);
    } catch (IOException e) {
      LOG.warn("State is not copied to local disk: {}", e.getMessage());
      failed = true;
      discard();
    }
  }

  /** What was copied, if all of it was. */
  Optional<StateFolder> folder() {
    return Optional.ofNullable(folder);
  }

  /** Gives up the copy. */
  void discard() {
    if (folder != null) {
      folder.delete();
      folder = null;
    }
  }
}
