package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** State that stays in files, on its way into a checkpoint: only what is new is written. */
final class TakenFiles {
  private final StateFolder folder;
  private final Run head;
  private final List<Part> parts = new ArrayList<>();

  /** A file that is written, unless the checkpoint before has it. */
  private static final class Part {
    final StateFolder.File file;
    StateBytes.Piece shared;
    Run run;

    Part(StateFolder.File file) {
      this.file = file;
    }

    String stateFile() {
      return ((StateBytes.InFile) shared.bytes()).file();
    }

    StateBytes.Piece place(Optional<String> stateFile, long stateFileBytes) {
      return shared != null
          ? shared
          : new StateBytes.Piece(
              file.name(),
              file.lasting(),
              stateFile.isPresent() ? stateFileBytes : 0,
              run.place(stateFile));
    }
  }

  /**
   * @param before what the newest completed checkpoint has of the same rows
   */
  TakenFiles(CapturedRows captured, Optional<StateBytes.Files> before) throws IOException {
    this.folder = captured.folder();
    this.head = new Run(List.of(captured.head()).iterator());
    var known = new TreeMap<String, StateBytes.Piece>();
    before.ifPresent(
        files ->
            files.pieces().stream()
                .filter(piece -> piece.lasting() && piece.bytes() instanceof StateBytes.InFile)
                .forEach(piece -> known.put(piece.name(), piece)));
    for (StateFolder.File file : folder.files()) {
      var part = new Part(file);
      StateBytes.Piece piece = known.get(file.name());
      if (file.lasting() && piece != null && piece.bytes().length() == file.length()) {
        part.shared = piece;
      } else {
        part.run = Run.of(folder, file);
      }
      parts.add(part);
    }
  }

  /**
   * Writes again what lies in state files of which all of these together use less than half, so
   * that the rest of them can be deleted with the checkpoints that need it.
   */
  static void leaveHardlyUsed(List<TakenFiles> all) {
    var used = new TreeMap<String, Long>();
    var sizes = new TreeMap<String, Long>();
    for (TakenFiles each : all) {
      for (Part part : each.parts) {
        if (part.shared != null) {
          used.merge(part.stateFile(), part.file.length(), Long::sum);
          sizes.put(part.stateFile(), part.shared.fileBytes());
        }
      }
    }
    var hardly = new TreeSet<String>();
    used.forEach(
        (stateFile, bytes) -> {
          if (bytes < sizes.get(stateFile) - bytes) {
            hardly.add(stateFile);
          }
        });
    for (TakenFiles each : all) {
      for (Part part : each.parts) {
        if (part.shared != null && hardly.contains(part.stateFile())) {
          part.shared = null;
          part.run = Run.of(each.folder, part.file);
        }
      }
    }
  }

  /** What is to be written. */
  List<Run> runs() {
    var runs = new ArrayList<Run>(List.of(head));
    parts.stream().filter(part -> part.run != null).forEach(part -> runs.add(part.run));
    return runs;
  }

  /**
   * @param stateFile that the runs have gone into; empty if they stay in the manifest
   * @param stateFileBytes its length
   */
  StateBytes.Files place(Optional<String> stateFile, long stateFileBytes) {
    return new StateBytes.Files(
        head.place(stateFile),
        parts.stream().map(part -> part.place(stateFile, stateFileBytes)).toList());
  }
}
