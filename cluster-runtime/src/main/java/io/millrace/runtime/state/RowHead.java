package io.millrace.runtime.state;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * What rows mean: which number each state has in their keys, and what it holds. Stands in a
 * checkpoint beside files of rows.
 *
 * @param keys shape of the keys of timers
 * @param order that the next entry of a map would get
 * @param setAside blocks of an earlier checkpoint that nobody has asked for; their bytes are rows
 */
record RowHead(
    Shape keys,
    int firstGroup,
    int groupCount,
    long order,
    int nextTable,
    int nextBlock,
    List<Table> tables,
    List<NamedBlock> setAside) {
  private static final byte FORMAT = 1;

  /** A state with rows; as a block it is one of no group. */
  record Table(int id, String name, Portable.Block holds) {}

  record NamedBlock(String state, Portable.Block block) {}

  byte[] write() {
    var out = new DataWriter();
    out.writeByte(FORMAT);
    keys.write(out);
    out.writeInt(firstGroup);
    out.writeInt(groupCount);
    out.writeLong(order);
    out.writeInt(nextTable);
    out.writeInt(nextBlock);
    out.writeVarInt(tables.size());
    for (Table table : tables) {
      out.writeInt(table.id());
      block(table.name(), table.holds(), out);
    }
    out.writeVarInt(setAside.size());
    setAside.forEach(named -> block(named.state(), named.block(), out));
    return out.toByteArray();
  }

  private static void block(String state, Portable.Block block, DataWriter out) {
    out.writeString(state);
    out.writeByte(block.kind());
    out.writeString(block.types());
    block.shape().write(out);
    block.keys().write(out);
    out.writeInt(block.group());
    out.writeInt(block.number());
  }

  static RowHead read(byte[] bytes) {
    var in = new DataReader(bytes);
    byte format = in.readByte();
    if (format != FORMAT) {
      throw new CorruptDataException("files of rows have the unknown format " + format);
    }
    Shape keys = Shape.read(in);
    int firstGroup = in.readInt();
    int groupCount = in.readInt();
    long order = in.readLong();
    int nextTable = in.readInt();
    int nextBlock = in.readInt();
    var tables = new ArrayList<Table>();
    for (int left = in.readCount(); left > 0; left--) {
      int id = in.readInt();
      NamedBlock named = block(in);
      tables.add(new Table(id, named.state(), named.block()));
    }
    var setAside = new ArrayList<NamedBlock>();
    for (int left = in.readCount(); left > 0; left--) {
      setAside.add(block(in));
    }
    return new RowHead(keys, firstGroup, groupCount, order, nextTable, nextBlock, tables, setAside);
  }

  private static NamedBlock block(DataReader in) {
    String state = in.readString();
    byte kind = in.readByte();
    String types = in.readString();
    Shape shape = Shape.read(in);
    Shape keys = Shape.read(in);
    return new NamedBlock(
        state, new Portable.Block(kind, types, shape, keys, in.readInt(), in.readInt()));
  }

  /** Whether its rows can stay as they are for a subtask of these groups and keys. */
  boolean fits(int first, int count, Shape keysNow) {
    return firstGroup == first && groupCount == count && keys.equals(keysNow);
  }
}
