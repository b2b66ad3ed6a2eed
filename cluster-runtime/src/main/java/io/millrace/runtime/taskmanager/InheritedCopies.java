package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of state files that other TaskManagers have left on this machine, most of them dead: what
 * a task goes on with need not come from far. As far as they can, they get a second place among
 * one's own, to be there after the next failure, too.
 */
final class InheritedCopies {
  private static final Logger LOG = LoggerFactory.getLogger(InheritedCopies.class);

  private final CopyShelf shelf;
  private final JobId job;
  private final TreeMap<String, StateFolder> known;
  private final TreeMap<String, StateFolder> made = new TreeMap<>();

  private InheritedCopies(CopyShelf shelf, JobId job, LocalCopies.Known own) {
    this.shelf = shelf;
    this.job = job;
    this.known = new TreeMap<>(own.folders());
  }

  /**
   * Looks for what the task needs. May wait.
   *
   * @param directory of the job; of files in others, such as a savepoint's, nobody has copies
   * @param own copies that need not be looked for
   */
  static InheritedCopies of(
      TaskStart start, String directory, JobId job, LocalCopies.Known own, CopyShelf shelf) {
    var copies = new InheritedCopies(shelf, job, own);
    if (start.stateDirectory().equals(directory)) {
      var needed = new TreeSet<String>();
      start.state().forEach(state -> needed.addAll(state.files()));
      needed.removeAll(own.folders().keySet());
      needed.forEach(copies::lookFor);
    }
    return copies;
  }

  private void lookFor(String stateFile) {
    shelf
        .ofOthers(job, stateFile)
        .ifPresent(
            others -> {
              Optional<StateFolder> mine = placed(stateFile, others);
              mine.ifPresent(folder -> made.put(stateFile, folder));
              known.put(stateFile, mine.orElse(others));
            });
  }

  /** Another task may be at it, the disk may be another one, and what others have may go away. */
  private Optional<StateFolder> placed(String stateFile, StateFolder others) {
    StateFolder mine = null;
    try {
      mine = shelf.make(job, stateFile);
      for (StateFolder.File file : others.files()) {
        mine.link(file.name(), others, file.name());
      }
      LOG.info("{} is here already", stateFile);
      return Optional.of(mine);
    } catch (IOException e) {
      LOG.debug("{} stays where others have it: {}", stateFile, e.getMessage());
      if (mine != null) {
        mine.delete();
      }
      return Optional.empty();
    }
  }

  /** One's own and those of others. */
  LocalCopies.Known known() {
    return new LocalCopies.Known(known);
  }

  /** What has become one's own. */
  Map<String, StateFolder> made() {
    return made;
  }

  /** Nobody wants what has become one's own. */
  void discard() {
    made.values().forEach(StateFolder::delete);
  }
}
