package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps on local disk what goes by on its way to the store: what lies there already gets a second
 * place, the rest is written. A disk that fails costs the copy, nothing else. May wait.
 */
final class CopyBeside {
  private static final Logger LOG = LoggerFactory.getLogger(CopyBeside.class);

  private final CopyShelf shelf;
  private final JobId job;
  private final String stateFile;
  private StateFolder folder;
  private boolean failed;

  /** What went by last, and whether its file has another place in the folder. */
  private Run current;

  private boolean linked;

  /**
   * @param stateFile that it is a copy of
   */
  CopyBeside(CopyShelf shelf, JobId job, String stateFile) {
    this.shelf = shelf;
    this.job = job;
    this.stateFile = stateFile;
  }

  /** The next bytes. */
  void take(Gathering.Part part) {
    if (failed) {
      return;
    }
    try {
      if (folder == null) {
        folder = shelf.make(job, stateFile);
      }
      String file = LocalCopies.fileAt(part.run().offset());
      if (part.run() != current) {
        current = part.run();
        linked = current.origin().filter(origin -> isLinked(file, origin)).isPresent();
      }
      if (!linked) {
        folder.append(file, part.bytes());
      }
    } catch (IOException e) {
      LOG.warn("State is not copied to local disk: {}", e.getMessage());
      failed = true;
      discard();
    }
  }

  /** Not every disk can, and none that is not the same. */
  private boolean isLinked(String file, Run.Origin origin) {
    try {
      folder.link(file, origin.folder(), origin.file());
      return true;
    } catch (IOException e) {
      LOG.debug("{} is copied instead of linked: {}", origin.file(), e.getMessage());
      return false;
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
