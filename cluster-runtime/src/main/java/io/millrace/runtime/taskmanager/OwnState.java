package io.millrace.runtime.taskmanager;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import java.util.ArrayList;
import java.util.List;

/** An operator's own entries as one run of bytes. */
final class OwnState {
  static byte[] write(List<byte[]> entries) {
    var out = new DataWriter();
    out.writeVarInt(entries.size());
    entries.forEach(out::writeByteArray);
    return out.toByteArray();
  }

  static List<byte[]> read(byte[] bytes) throws CorruptStateException {
    try {
      var in = new DataReader(bytes);
      var entries = new ArrayList<byte[]>();
      for (int left = in.readCount(); left > 0; left--) {
        entries.add(in.readByteArray());
      }
      return entries;
    } catch (CorruptDataException e) {
      throw new CorruptStateException("an operator's own state is damaged: " + e.getMessage());
    }
  }

  private OwnState() {}
}
