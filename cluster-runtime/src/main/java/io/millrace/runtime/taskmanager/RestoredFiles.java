package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Brings the files of a task's state from a checkpoint to local disk. All calls may wait. */
final class RestoredFiles {
  private final CopiedStore store;
  private final String directory;
  private final TaskHost host;
  private final String name;
  private final List<StateFolder> folders = new ArrayList<>();

  /**
   * @param directory that the checkpoint's names are relative to
   * @param name of folders to be made, unlike all others
   */
  RestoredFiles(CopiedStore store, String directory, TaskHost host, String name) {
    this.store = store;
    this.directory = directory;
    this.host = host;
    this.name = name;
  }

  /**
   * @throws CorruptStateException if they are not what was written
   */
  CapturedRows fetch(StateBytes.Files files) throws IOException {
    byte[] head = bytes(files.head(), directory, store);
    StateFolder folder = host.newFolder("restored-" + name + "-" + folders.size());
    folders.add(folder);
    var all = new ArrayList<TaskHost.Loading>();
    files.pieces().forEach(piece -> all.add(() -> fetch(piece, folder, store.another())));
    host.together(all);
    return new CapturedRows(head, folder);
  }

  private void fetch(StateBytes.Piece piece, StateFolder folder, CopiedStore from)
      throws IOException {
    if (!(piece.bytes() instanceof StateBytes.InFile range)) {
      folder.write(piece.name(), List.of(bytes(piece.bytes(), directory, from)));
    } else if (!piece.lasting() || !from.link(directory, range, folder, piece.name())) {
      // What does not last may be written to by whoever opens the folder.
      try (CheckpointStore.RangeReader reader = from.open(directory, range)) {
        var whole = new CheckedRange(range, directory + "/" + range.file(), reader);
        folder.write(piece.name(), whole::chunks);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  /** Nobody wants what was fetched. */
  void delete() {
    folders.forEach(StateFolder::delete);
  }

  /**
   * What is small enough for memory.
   *
   * @throws CorruptStateException if it is not what was written
   */
  static byte[] bytes(StateBytes state, String directory, CheckpointStore store)
      throws IOException {
    if (state instanceof StateBytes.InFile range) {
      return store.readState(directory, range);
    }
    var inline = (StateBytes.Inline) state;
    if (StateBytes.crcOf(inline.bytes()) != inline.crc32c()) {
      throw new CorruptStateException("state inside the manifest does not match its CRC32C");
    }
    return inline.bytes();
  }
}
