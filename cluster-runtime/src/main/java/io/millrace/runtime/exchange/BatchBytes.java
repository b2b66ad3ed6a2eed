package io.millrace.runtime.exchange;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;

/**
 * How records of a batch stand in bytes, on a wire or on a disk: their number in four bytes, then
 * each timestamp as its distance from the one before (from 0 for the first) and the record itself.
 */
public final class BatchBytes {
  /** Appends one record; the writer of the first one has left room for the number. */
  public static void write(
      Batch batch, int index, long timestampBefore, Serializer<Object> records, DataWriter out) {
    out.writeSignedVarLong(batch.timestamp(index) - timestampBefore);
    records.write(batch.value(index), out);
  }

  /** Appends all records from one on, with their number before them. */
  public static void write(Batch batch, int from, Serializer<Object> records, DataWriter out) {
    out.writeInt(batch.size() - from);
    long before = 0;
    for (int i = from; i < batch.size(); i++) {
      write(batch, i, before, records, out);
      before = batch.timestamp(i);
    }
  }

  /**
   * @throws CorruptDataException for bytes that no batch becomes
   */
  public static Batch read(DataReader in, Serializer<Object> records) {
    int count = in.readInt();
    // A timestamp takes a byte at least.
    if (count <= 0 || count > in.remaining()) {
      throw new CorruptDataException("a batch declares " + count + " records");
    }
    var values = new Object[count];
    var timestamps = new long[count];
    long before = 0;
    for (int i = 0; i < count; i++) {
      before += in.readSignedVarLong();
      timestamps[i] = before;
      values[i] = records.read(in);
    }
    return new Batch(values, timestamps, count);
  }

  private BatchBytes() {}
}
