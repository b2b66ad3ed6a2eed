package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.state.StateFolder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Copies of the state files that this TaskManager has written for one job, on its own disk: those
 * which the newest completed checkpoint needs here, and those that a later one may need. After a
 * failure tasks that come back are restored from them. They are worth nothing by themselves: the
 * manifest says what must be in them.
 */
final class LocalCopies {
  /** In the folder of a copy. */
  static final String FILE = "state";

  private final TreeMap<String, Copy> copies = new TreeMap<>();

  private record Copy(long checkpoint, StateFolder folder) {}

  /** Folders by the names of the state files that they are copies of; never changes. */
  record Known(Map<String, StateFolder> folders) {
    static final Known NONE = new Known(new TreeMap<>());
  }

  Known known() {
    var folders = new TreeMap<String, StateFolder>();
    copies.forEach((file, copy) -> folders.put(file, copy.folder()));
    return new Known(folders);
  }

  void written(String stateFile, long checkpoint, StateFolder folder) {
    copies.put(stateFile, new Copy(checkpoint, folder));
  }

  /**
   * That checkpoint is complete.
   *
   * @param states what it has of the tasks here
   * @return folders that nobody needs any more
   */
  List<StateFolder> completed(long checkpoint, Collection<List<SubtaskState>> states) {
    var needed = new TreeSet<String>();
    states.forEach(of -> of.forEach(state -> needed.addAll(state.files())));
    var gone = new ArrayList<StateFolder>();
    copies
        .entrySet()
        .removeIf(
            each -> {
              boolean useless =
                  each.getValue().checkpoint() <= checkpoint && !needed.contains(each.getKey());
              if (useless) {
                gone.add(each.getValue().folder());
              }
              return useless;
            });
    return gone;
  }

  /** Nobody needs any of them: they are over. */
  List<StateFolder> all() {
    var gone = copies.values().stream().map(Copy::folder).toList();
    copies.clear();
    return gone;
  }
}
