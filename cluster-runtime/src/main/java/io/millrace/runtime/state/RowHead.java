package io.millrace.runtime.state;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Shape;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What rows mean: which number each state has in their keys, and what it holds. Stands in a
 * checkpoint beside files of rows.
 *
 * @param keys shape of the keys of timers
 * @param timers what those of a domain take, where there are any
 * @param order that the next entry of a map would get
 * @param setAside blocks of an earlier checkpoint that nobody has asked for; their bytes are rows
 */
record RowHead(
    Shape keys,
    Map<TimerDomain, Long> timers,
    int firstGroup,
    int groupCount,
    long order,
    int nextTable,
    int nextBlock,
    List<Table> tables,
    List<NamedBlock> setAside) {
  private static final byte FORMAT = 2;

  /** That of earlier builds, which told neither timers nor bytes. */
  private static final byte UNTOLD = 1;

  /**
   * A state with rows.
   *
   * @param holds a block of no group
   * @param bytes that its rows take, roughly; {@link StateContents#UNKNOWN} if nobody has asked
   */
  record Table(int id, String name, Portable.Block holds, long bytes) {
    Table measured(Rows rows) {
      return new Table(id, name, holds, RowHead.bytes(rows, id));
    }
  }

  /** What a table takes, roughly. */
  static long bytes(Rows rows, int table) {
    return rows.estimatedBytes(RowKeys.first(table), RowKeys.first(table + 1));
  }

  record NamedBlock(String state, Portable.Block block) {}

  byte[] write() {
    var out = new DataWriter();
    out.writeByte(FORMAT);
    keys.write(out);
    out.writeVarInt(timers.size());
    timers.forEach(
        (domain, bytes) -> {
          out.writeByte(domain.ordinal());
          out.writeLong(bytes);
        });
    out.writeInt(firstGroup);
    out.writeInt(groupCount);
    out.writeLong(order);
    out.writeInt(nextTable);
    out.writeInt(nextBlock);
    out.writeVarInt(tables.size());
    for (Table table : tables) {
      out.writeInt(table.id());
      block(table.name(), table.holds(), out);
      out.writeLong(table.bytes());
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
    if (format != FORMAT && format != UNTOLD) {
      throw new CorruptDataException("files of rows have the unknown format " + format);
    }
    boolean told = format == FORMAT;
    Shape keys = Shape.read(in);
    var timers = new EnumMap<TimerDomain, Long>(TimerDomain.class);
    for (int left = told ? in.readCount() : 0; left > 0; left--) {
      timers.put(domain(in.readByte()), in.readLong());
    }
    int firstGroup = in.readInt();
    int groupCount = in.readInt();
    long order = in.readLong();
    int nextTable = in.readInt();
    int nextBlock = in.readInt();
    var tables = new ArrayList<Table>();
    for (int left = in.readCount(); left > 0; left--) {
      int id = in.readInt();
      NamedBlock named = block(in);
      long taken = told ? in.readLong() : StateContents.UNKNOWN;
      tables.add(new Table(id, named.state(), named.block(), taken));
    }
    var setAside = new ArrayList<NamedBlock>();
    for (int left = in.readCount(); left > 0; left--) {
      setAside.add(block(in));
    }
    return new RowHead(
        keys, timers, firstGroup, groupCount, order, nextTable, nextBlock, tables, setAside);
  }

  private static TimerDomain domain(byte number) {
    TimerDomain[] domains = TimerDomain.values();
    if (number < 0 || number >= domains.length) {
      throw new CorruptDataException("files of rows have timers of the unknown domain " + number);
    }
    return domains[number];
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
    return firstGroup == first && groupCount == count && keysNow.reads(keys);
  }
}
