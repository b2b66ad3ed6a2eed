package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which files of state the newest completed checkpoint has of each attempt here: the next one names
 * them again instead of writing them. Nothing else may be named again: what was written for a
 * checkpoint that has not completed may be deleted at any time.
 */
final class CompletedFiles {
  private final TreeMap<AttemptId, Map<String, StateBytes.Files>> completed = new TreeMap<>();

  /** Of checkpoints that may yet complete. */
  private final TreeMap<CheckpointOf, Map<AttemptId, List<SubtaskState>>> written = new TreeMap<>();

  /** What one checkpoint has, by operator; never changes. */
  record Known(Map<AttemptId, Map<String, StateBytes.Files>> files) {
    static final Known NONE = new Known(new TreeMap<>());

    Optional<StateBytes.Files> of(AttemptId attempt, String uid) {
      return Optional.ofNullable(files.getOrDefault(attempt, Map.of()).get(uid));
    }
  }

  Known known() {
    return new Known(new TreeMap<>(completed));
  }

  /** The attempt goes on with the very files of a checkpoint that is kept. */
  void restored(AttemptId attempt, List<SubtaskState> states) {
    put(attempt, states);
  }

  void written(CheckpointOf checkpoint, Map<AttemptId, List<SubtaskState>> states) {
    written.put(checkpoint, states);
  }

  /** What the tasks here have written for it. */
  Collection<List<SubtaskState>> writtenFor(CheckpointOf checkpoint) {
    return written.getOrDefault(checkpoint, Map.of()).values();
  }

  /** That checkpoint is complete, and those before it are of no use here any more. */
  void completed(CheckpointOf checkpoint) {
    Map<AttemptId, List<SubtaskState>> states = written.get(checkpoint);
    if (states != null) {
      states.forEach(this::put);
    }
    forget(checkpoint);
  }

  /** That checkpoint and those before it will not complete, or have. */
  void forget(CheckpointOf checkpoint) {
    written
        .keySet()
        .removeIf(
            each ->
                each.isOfSameExecution(checkpoint) && each.checkpoint() <= checkpoint.checkpoint());
  }

  void ended(AttemptId attempt) {
    completed.remove(attempt);
    written.keySet().removeIf(each -> each.includes(attempt));
  }

  private void put(AttemptId attempt, List<SubtaskState> states) {
    var files = new TreeMap<String, StateBytes.Files>();
    for (SubtaskState state : states) {
      if (state.keyed().orElse(null) instanceof StateBytes.Files keyed) {
        files.put(state.uid(), keyed);
      }
    }
    completed.put(attempt, files);
  }
}
