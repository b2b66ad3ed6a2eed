package io.millrace.runtime.savepoint;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.StateBytes;
import java.io.IOException;

/** Bytes that a manifest names, below one directory. */
record SavepointFiles(CheckpointStore store, String directory) {
  /**
   * @throws CorruptStateException if they are not what was written
   * @throws IOException also if they are files of one store of state alone
   */
  byte[] bytes(StateBytes state) throws IOException {
    if (state instanceof StateBytes.InFile range) {
      return store.readState(directory, range);
    } else if (state instanceof StateBytes.Inline inline) {
      if (StateBytes.crcOf(inline.bytes()) != inline.crc32c()) {
        throw new CorruptStateException("state inside the manifest does not match its CRC32C");
      }
      return inline.bytes();
    }
    throw new IOException(
        directory
            + " is an incremental checkpoint, whose state is readable by its job alone; take a"
            + " savepoint");
  }
}
