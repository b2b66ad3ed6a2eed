package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.util.Arrays;

/**
 * Blocks of rows whose types nobody knows, because the program has not asked for the state since it
 * was restored: they stand in a portable checkpoint as rows, and whoever is asked for the state
 * makes sense of them.
 */
final class RawRows {
  /** In the kind of a block. */
  private static final byte RAW = 64;

  private static final int BLOCK_BYTES = 1 << 20;

  static boolean are(Portable.Block block) {
    return (block.kind() & RAW) != 0;
  }

  /** What the rows hold. */
  static Portable.Block plain(Portable.Block raw) {
    return new Portable.Block(
        (byte) (raw.kind() & ~RAW),
        raw.types(),
        raw.shape(),
        raw.keys(),
        raw.group(),
        raw.number());
  }

  /** Shows the rows as those of a table. */
  static void read(byte[] block, int group, int table, Rows.Visitor rows) {
    byte[] header = RowKeys.group(table, group);
    var in = new DataReader(block);
    for (int left = in.readVarInt(); left > 0; left--) {
      byte[] rest = in.readByteArray();
      byte[] key = Arrays.copyOf(header, header.length + rest.length);
      System.arraycopy(rest, 0, key, header.length, rest.length);
      rows.row(key, in.readByteArray());
    }
  }

  /** The rows of a state on their way into blocks, a key group at a time. */
  static final class Section implements Portable.Section {
    private final Rows.View view;
    private final RowHead.Table table;
    private final DataWriter entries = new DataWriter(1 << 12);
    private int group = -1;
    private int count;
    private byte[] lastKey;
    private byte[] from;

    Section(Rows.View view, RowHead.Table table) {
      this.view = view;
      this.table = table;
      this.from = RowKeys.first(table.id());
    }

    @Override
    public String name() {
      return table.name();
    }

    @Override
    public byte kind() {
      return (byte) (table.holds().kind() | RAW);
    }

    @Override
    public String types() {
      return table.holds().types();
    }

    @Override
    public Shape shape() {
      return table.holds().shape();
    }

    @Override
    public Shape keys() {
      return table.holds().keys();
    }

    @Override
    public boolean fill(Portable.Part part) {
      byte[] start = from;
      from = null;
      view.scan(start, RowKeys.first(table.id() + 1), (row, value) -> add(row, value, part));
      end(part);
      return from == null;
    }

    private boolean add(byte[] row, byte[] value, Portable.Part part) {
      // What stands under one key stays together: it may have to become one value.
      int end = RowKeys.keyEnd(row);
      boolean sameKey = lastKey != null && Arrays.equals(lastKey, 0, lastKey.length, row, 0, end);
      if (!sameKey) {
        lastKey = Arrays.copyOf(row, end);
      }
      if (RowKeys.group(row) != group || !sameKey && entries.position() > BLOCK_BYTES) {
        end(part);
        group = RowKeys.group(row);
        if (part.full()) {
          from = row;
          lastKey = null;
          return false;
        }
      }
      entries.writeByteArray(Arrays.copyOfRange(row, RowKeys.HEADER, row.length));
      entries.writeByteArray(value);
      count++;
      return true;
    }

    private void end(Portable.Part part) {
      if (count > 0) {
        part.block(group, count, entries);
      }
      entries.reset();
      count = 0;
    }
  }

  private RawRows() {}
}
