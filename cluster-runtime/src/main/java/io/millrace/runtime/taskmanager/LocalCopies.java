package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.state.StateFolder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * Copies of the state files that this TaskManager has written for one job, on its own disk: those
 * which the newest completed checkpoint needs here, and those that a later one may need. After a
 * failure tasks that come back are restored from them. They are worth nothing by themselves: the
 * manifest says what must be in them.
 */
final class LocalCopies {
  private final TreeMap<String, Copy> copies = new TreeMap<>();

  /** Files that the newest completed checkpoint has, as far as is known here. */
  private final TreeSet<String> needed = new TreeSet<>();

  /** By region: up to this one no checkpoint will complete any more. */
  private final TreeMap<Integer, Long> aborted = new TreeMap<>();

  private record Copy(CheckpointOf checkpoint, StateFolder folder) {}

  /** The file of a copy's folder that holds what begins at that place of the state file. */
  static String fileAt(long offset) {
    return "at-" + offset;
  }

  /** Folders by the names of the state files that they are copies of; never changes. */
  record Known(Map<String, StateFolder> folders) {
    static final Known NONE = new Known(new TreeMap<>());
  }

  Known known() {
    var folders = new TreeMap<String, StateFolder>();
    copies.forEach((file, copy) -> folders.put(file, copy.folder()));
    return new Known(folders);
  }

  /**
   * Such a copy is there now.
   *
   * @return folders that nobody needs: its own, if the checkpoint was given up meanwhile
   */
  List<StateFolder> written(String stateFile, CheckpointOf checkpoint, StateFolder folder) {
    if (isAborted(checkpoint)) {
      return List.of(folder);
    }
    copies.put(stateFile, new Copy(checkpoint, folder));
    return List.of();
  }

  /** Such copies were made of what others have, because a task goes on with it. */
  void inherited(CheckpointOf checkpoint, Map<String, StateFolder> folders) {
    folders.forEach((file, folder) -> copies.put(file, new Copy(checkpoint, folder)));
  }

  /** A task goes on with these: they are of a completed checkpoint, heard of or not. */
  void restored(List<SubtaskState> states) {
    states.forEach(state -> needed.addAll(state.files()));
  }

  /**
   * Neither that checkpoint nor one before it will complete any more, unless it has already.
   *
   * @return folders that nobody needs any more
   */
  List<StateFolder> aborted(CheckpointOf checkpoint) {
    aborted.merge(checkpoint.region(), checkpoint.checkpoint(), Math::max);
    return remove((file, copy) -> isAborted(copy.checkpoint()) && !needed.contains(file));
  }

  private boolean isAborted(CheckpointOf checkpoint) {
    Long upTo = aborted.get(checkpoint.region());
    return upTo != null && checkpoint.checkpoint() <= upTo;
  }

  /**
   * That checkpoint is complete.
   *
   * @param states what it has of the tasks here
   * @return folders that nobody needs any more
   */
  List<StateFolder> completed(long checkpoint, Collection<List<SubtaskState>> states) {
    needed.clear();
    states.forEach(this::restored);
    return remove(
        (file, copy) -> copy.checkpoint().checkpoint() <= checkpoint && !needed.contains(file));
  }

  private List<StateFolder> remove(BiPredicate<String, Copy> useless) {
    var gone = new ArrayList<StateFolder>();
    copies
        .entrySet()
        .removeIf(
            each -> {
              boolean removed = useless.test(each.getKey(), each.getValue());
              if (removed) {
                gone.add(each.getValue().folder());
              }
              return removed;
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
