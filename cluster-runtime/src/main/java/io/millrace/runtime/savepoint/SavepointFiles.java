package io.millrace.runtime.savepoint;

import io.millrace.runtime.checkpoint.CheckedRange;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.taskmanager.LargeState;
import java.io.IOException;
import java.util.Iterator;

/** Bytes that a manifest names, below one directory. */
record SavepointFiles(CheckpointStore store, String directory) {
  /**
   * State part by part, of any length; it has been found intact.
   *
   * @throws CorruptStateException if it is not what was written
   * @throws IOException also if it is files of one store of state alone
   */
  Iterable<byte[]> parts(StateBytes state, LargeState.Parts parts) throws IOException {
    return LargeState.parts(readable(state), parts, directory, store);
  }

  /** As {@link CheckedRange#chunks}. */
  Iterator<byte[]> once(StateBytes.InFile range) {
    return CheckedRange.of(store, directory, range).chunks();
  }

  StateBytes readable(StateBytes state) throws IOException {
    if (state instanceof StateBytes.Files) {
      throw new IOException(
          directory
              + " is an incremental checkpoint, whose state is readable by its job alone; take a"
              + " savepoint");
    }
    return state;
  }
}
