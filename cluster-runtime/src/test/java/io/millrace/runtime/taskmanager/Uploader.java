package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.MemoryFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A TaskManager whose tasks hold nothing but files: they come, are merged, and go into checkpoints
 * by the rules of production.
 */
final class Uploader {
  /** A file that is written again under its name, so that no checkpoint may take it for an old. */
  private static final String REWRITTEN = "log";

  private final SplittableRandom random;
  private final String name;
  private final CompletedFiles files = new CompletedFiles();
  private final TreeMap<AttemptId, Rows> rows = new TreeMap<>();
  final List<Upload> uploads = new ArrayList<>();
  private long written;

  /** The files of one task. */
  private static final class Rows {
    final MemoryFolder folder = new MemoryFolder();
    final List<String> names = new ArrayList<>();
    int next;
  }

  /** What is on its way into a state file. */
  record Upload(
      CheckpointOf checkpoint,
      Epoch epoch,
      Map<AttemptId, CapturedRows> captured,
      CompletedFiles.Known known) {}

  Uploader(SplittableRandom random, String name) {
    this.random = random;
    this.name = name;
  }

  List<AttemptId> attempts() {
    return List.copyOf(rows.keySet());
  }

  /** Starts an attempt with what a checkpoint has for it, in which nothing may be missing. */
  void deploy(AttemptId attempt, Optional<SubtaskState> state, DurableNames names, boolean shared)
      throws IOException {
    var own = new Rows();
    rows.put(attempt, own);
    if (state.isEmpty()) {
      return;
    }
    var kept = (StateBytes.Files) state.get().keyed().orElseThrow();
    for (StateBytes.Piece piece : kept.pieces()) {
      var range = (StateBytes.InFile) piece.bytes();
      byte[] file = names.read(range.file());
      int from = (int) range.offset();
      byte[] bytes = Arrays.copyOfRange(file, from, from + (int) range.length());
      if (StateBytes.crcOf(bytes) != range.crc32c()) {
        throw new AssertionError(range.file() + " does not hold what was written");
      }
      own.folder.write(piece.name(), List.of(bytes));
      own.names.add(piece.name());
      if (piece.lasting()) {
        own.next = Math.max(own.next, Integer.parseInt(piece.name().substring(5)));
      }
    }
    if (shared) {
      files.restored(attempt, List.of(state.get()));
    }
  }

  /** A file comes, or several become one. */
  void work() {
    if (rows.isEmpty()) {
      return;
    }
    Rows of = new ArrayList<>(rows.values()).get(random.nextInt(rows.size()));
    if (of.names.size() > 2 && random.nextInt(3) == 0) {
      int merged = 1 + random.nextInt(of.names.size());
      for (int i = 0; i < merged; i++) {
        of.names.remove(random.nextInt(of.names.size()));
      }
    }
    String file = "rows-" + ++of.next;
    of.folder.write(file, List.of(someBytes(1 + random.nextInt(40))));
    of.names.add(file);
    of.folder.write(REWRITTEN, List.of(someBytes(4)));
    if (!of.names.contains(REWRITTEN)) {
      of.names.add(REWRITTEN);
    }
  }

  private byte[] someBytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Cuts all tasks of that execution. */
  void cut(CheckpointOf checkpoint, Epoch epoch) throws IOException {
    var captured = new TreeMap<AttemptId, CapturedRows>();
    for (var entry : rows.entrySet()) {
      if (checkpoint.includes(entry.getKey())) {
        var folder = new MemoryFolder();
        for (String file : entry.getValue().names) {
          folder.link(file, entry.getValue().folder, file);
        }
        captured.put(entry.getKey(), new CapturedRows(new byte[] {7}, folder));
      }
    }
    if (!captured.isEmpty()) {
      uploads.add(new Upload(checkpoint, epoch, captured, files.known()));
    }
  }

  /**
   * Writes what is new to one file and says what the tasks' parts are.
   *
   * @param completed state files that completed checkpoints have had: no others may be named again
   */
  Map<AttemptId, List<SubtaskState>> write(
      Upload upload, int parallelism, DurableNames names, Set<String> completed)
      throws IOException {
    uploads.remove(upload);
    String file =
        JobDirectory.stateFile(upload.epoch, upload.checkpoint.checkpoint(), name, ++written);
    var taken = new LinkedHashMap<AttemptId, TakenFiles>();
    for (var entry : upload.captured.entrySet()) {
      taken.put(
          entry.getKey(),
          new TakenFiles(entry.getValue(), upload.known.of(entry.getKey(), "rows")));
    }
    TakenFiles.leaveHardlyUsed(List.copyOf(taken.values()));
    var bytes = new ByteArrayOutputStream();
    for (TakenFiles each : taken.values()) {
      for (Run run : each.runs()) {
        while (run.hasNext()) {
          bytes.writeBytes(run.next(bytes.size(), false));
        }
      }
    }
    names.createExclusive(file, bytes.toByteArray());
    var states = new TreeMap<AttemptId, List<SubtaskState>>();
    taken.forEach(
        (attempt, each) ->
            states.put(
                attempt,
                List.of(
                    new SubtaskState(
                        "rows",
                        attempt.subtask(),
                        parallelism,
                        128,
                        Optional.empty(),
                        List.of(),
                        Optional.of(each.place(Optional.of(file), bytes.size()))))));
    halfOfEachFileIsUsed(file, states);
    for (var entry : states.entrySet()) {
      SubtaskState state = entry.getValue().get(0);
      holdsWhatWasCut(upload.captured.get(entry.getKey()), state);
      for (String named : state.files()) {
        if (!named.equals(file) && !completed.contains(named)) {
          throw new AssertionError(named + " is named again but of no completed checkpoint");
        }
      }
    }
    files.written(upload.checkpoint, states);
    return states;
  }

  private static void holdsWhatWasCut(CapturedRows captured, SubtaskState state)
      throws IOException {
    var kept = (StateBytes.Files) state.keyed().orElseThrow();
    for (StateBytes.Piece piece : kept.pieces()) {
      var range = (StateBytes.InFile) piece.bytes();
      byte[] cut = captured.folder().read(piece.name(), 0, (int) range.length());
      if (StateBytes.crcOf(cut) != range.crc32c()) {
        throw new AssertionError(piece.name() + " is not in " + range.file() + " as it was cut");
      }
    }
  }

  /** Else a file could stay for a handful of bytes as long as the job runs. */
  private static void halfOfEachFileIsUsed(String own, Map<AttemptId, List<SubtaskState>> states) {
    var used = new TreeMap<String, Long>();
    var sizes = new TreeMap<String, Long>();
    for (List<SubtaskState> each : states.values()) {
      var kept = (StateBytes.Files) each.get(0).keyed().orElseThrow();
      for (StateBytes.Piece piece : kept.pieces()) {
        var range = (StateBytes.InFile) piece.bytes();
        used.merge(range.file(), range.length(), Long::sum);
        sizes.put(range.file(), piece.fileBytes());
      }
    }
    used.forEach(
        (file, length) -> {
          if (!file.equals(own) && 2 * length < sizes.get(file)) {
            throw new AssertionError(length + " bytes of " + sizes.get(file) + " keep " + file);
          }
        });
  }

  void completed(CheckpointOf checkpoint) {
    files.completed(checkpoint);
    isForgotten(checkpoint);
  }

  void aborted(CheckpointOf upTo) {
    files.forget(upTo);
    isForgotten(upTo);
  }

  /** What will never be asked for must not gather. */
  private void isForgotten(CheckpointOf checkpoint) {
    if (!files.writtenFor(checkpoint).isEmpty()) {
      throw new AssertionError("what was written for " + checkpoint + " is still remembered");
    }
  }

  /** Its tasks end; what is being written goes on to its end. */
  void cancel() {
    for (AttemptId ended : rows.keySet()) {
      files.ended(ended);
      if (files.known().of(ended, "rows").isPresent()) {
        throw new AssertionError("files of " + ended + " are still remembered");
      }
    }
    rows.values().forEach(each -> each.folder.delete());
    rows.clear();
  }
}
