package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.Shape;
import java.util.Arrays;

/**
 * How the keys of rows are made: number of the state (2 bytes), key group (2 bytes), then what the
 * state wants. The state comes first, so that a checkpoint reads each state in one sweep; then the
 * group, as it is groups that subtasks exchange.
 *
 * <p>Equal keys are written alike, so rows are found without comparing objects.
 */
final class RowKeys {
  static final int HEADER = 4;

  /** Where the key of a timer's row begins. */
  static final int TIMER_KEY = HEADER + 8;

  private final Serializer<Object> keys;
  private final Shape shape;
  private final ClassLoader loader;
  private final DataWriter out = DataWriter.canonical(64);

  RowKeys(Serializer<Object> keys, ClassLoader loader) {
    this.keys = keys;
    this.shape = Shape.of(keys);
    this.loader = loader;
  }

  /** What the keys' type is made of. */
  Shape shape() {
    return shape;
  }

  /** The key in bytes. */
  byte[] bytes(Object key) {
    out.reset();
    keys.write(key, out);
    return out.toByteArray();
  }

  /** Header, length of the key, key: the whole of a row's key, or the beginning of several. */
  byte[] row(int table, int group, Object key) {
    byte[] bytes = bytes(key);
    out.reset();
    header(table, group);
    out.writeVarInt(bytes.length);
    out.writeBytes(bytes, 0, bytes.length);
    return out.toByteArray();
  }

  /** A row's key below another. */
  byte[] below(byte[] row, Serializer<Object> further, Object key) {
    out.reset();
    further.write(key, out);
    byte[] whole = Arrays.copyOf(row, row.length + out.position());
    System.arraycopy(out.array(), 0, whole, row.length, out.position());
    return whole;
  }

  /** Header, time so that earlier ones come first, key. */
  byte[] timer(int table, int group, long time, byte[] key) {
    out.reset();
    header(table, group);
    out.writeLong(time ^ Long.MIN_VALUE);
    out.writeBytes(key, 0, key.length);
    return out.toByteArray();
  }

  /** Header and a number. */
  static byte[] numbered(int table, int number) {
    var out = new DataWriter(16);
    out.writeShort((short) table);
    out.writeShort((short) 0);
    out.writeInt(number);
    return out.toByteArray();
  }

  private void header(int table, int group) {
    out.writeShort((short) table);
    out.writeShort((short) group);
  }

  /** Where the rows of a table begin; those of the one before end there. */
  static byte[] first(int table) {
    return new byte[] {(byte) (table >> 8), (byte) table, 0, 0};
  }

  /** Where the rows of a group begin. */
  static byte[] group(int table, int group) {
    return new byte[] {(byte) (table >> 8), (byte) table, (byte) (group >> 8), (byte) group};
  }

  /** The first key that comes after all that begin with these bytes. */
  static byte[] after(byte[] prefix) {
    byte[] after = prefix.clone();
    for (int i = after.length - 1; i >= 0; i--) {
      if (++after[i] != 0) {
        return Arrays.copyOf(after, i + 1);
      }
    }
    throw new IllegalArgumentException("nothing comes after bytes that are all 0xff");
  }

  static int group(byte[] row) {
    return (row[2] & 0xff) << 8 | row[3] & 0xff;
  }

  static long time(byte[] row) {
    return new DataReader(row, HEADER, 8).readLong() ^ Long.MIN_VALUE;
  }

  /** Where the key of a row that {@link #row} made ends and what stands below it begins. */
  static int keyEnd(byte[] row) {
    var in = new DataReader(row, HEADER, row.length - HEADER);
    int length = in.readVarInt();
    return in.position() + length;
  }

  /** The key of a row that {@link #row} made. */
  Object key(byte[] row) {
    var in = new DataReader(row, HEADER, row.length - HEADER);
    int length = in.readVarInt();
    return keys.read(new DataReader(row, in.position(), length, loader));
  }

  Object read(DataReader in) {
    return keys.read(in);
  }

  void write(Object key, DataWriter to) {
    keys.write(key, to);
  }
}
