package io.millrace.runtime.taskmanager;

import io.millrace.api.operator.OperatorSnapshot;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.task.TaskEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The cuts of all attempts here for one checkpoint, until they go into one file together. */
final class Gathering {
  private final TreeMap<AttemptId, TaskEvent.Cut> cuts = new TreeMap<>();

  void add(AttemptId attempt, TaskEvent.Cut cut) {
    cuts.put(attempt, cut);
  }

  boolean has(AttemptId attempt) {
    return cuts.containsKey(attempt);
  }

  List<AttemptId> attempts() {
    return List.copyOf(cuts.keySet());
  }

  /**
   * Turns what was cut into bytes and makes them durable. May wait.
   *
   * @param inlineUpTo so many bytes in all stand in the manifest instead of a file
   * @param file name of a state file that nobody has used
   */
  Map<AttemptId, List<SubtaskState>> write(
      CheckpointStore store, String directory, String file, long inlineUpTo) throws Exception {
    try {
      return writeAll(store, directory, file, inlineUpTo);
    } finally {
      discard();
    }
  }

  /** Lets go of what was cut: nobody will write it, or all of it is written. */
  void discard() {
    cuts.values().forEach(TaskEvent.Cut::discard);
  }

  private Map<AttemptId, List<SubtaskState>> writeAll(
      CheckpointStore store, String directory, String file, long inlineUpTo) throws Exception {
    var taken = new LinkedHashMap<AttemptId, List<Taken>>();
    long total = 0;
    for (var entry : cuts.entrySet()) {
      var operators = new ArrayList<Taken>();
      for (TaskEvent.OperatorCut operator : entry.getValue().operators()) {
        Taken bytes = Taken.of(operator);
        total += bytes.length();
        operators.add(bytes);
      }
      taken.put(entry.getKey(), operators);
    }
    Parts parts = total <= inlineUpTo ? new Parts(Optional.empty()) : new Parts(Optional.of(file));
    var states = new LinkedHashMap<AttemptId, List<SubtaskState>>();
    taken.forEach(
        (attempt, operators) ->
            states.put(
                attempt,
                operators.stream().map(each -> each.state(attempt.subtask(), parts)).toList()));
    if (!parts.bytes.isEmpty()) {
      store.writeState(directory, file, parts.bytes);
    }
    return states;
  }

  /** One operator's state in bytes. */
  private record Taken(
      TaskEvent.OperatorCut cut,
      OperatorSnapshot snapshot,
      Optional<byte[]> own,
      Optional<byte[]> keyed) {
    static Taken of(TaskEvent.OperatorCut cut) throws Exception {
      OperatorSnapshot snapshot = cut.own().take();
      Optional<byte[]> own = OwnState.of(snapshot).write();
      Optional<byte[]> keyed =
          cut.keyed().isPresent() ? Optional.of(cut.keyed().get().write()) : Optional.empty();
      return new Taken(cut, snapshot, own, keyed);
    }

    long length() {
      return own.map(bytes -> bytes.length).orElse(0)
          + (long) keyed.map(bytes -> bytes.length).orElse(0);
    }

    SubtaskState state(int subtask, Parts parts) {
      return new SubtaskState(
          cut.uid(),
          subtask,
          cut.parallelism(),
          cut.maxParallelism(),
          own.map(parts::place),
          snapshot.committables(),
          keyed.map(parts::place),
          OwnState.of(snapshot).contents());
    }
  }

  /** Where bytes go: into a file one after the other, or nowhere but the manifest. */
  private static final class Parts {
    private final Optional<String> file;
    private final List<byte[]> bytes = new ArrayList<>();
    private long offset;

    Parts(Optional<String> file) {
      this.file = file;
    }

    StateBytes place(byte[] part) {
      int crc = StateBytes.crcOf(part);
      if (file.isEmpty()) {
        return new StateBytes.Inline(part, crc);
      }
      var range = new StateBytes.InFile(file.get(), offset, part.length, crc);
      bytes.add(part);
      offset += part.length;
      return range;
    }
  }
}
