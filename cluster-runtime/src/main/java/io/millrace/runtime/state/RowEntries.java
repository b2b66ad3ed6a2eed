package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Makes keys and values, as the program declares them now, of rows that an earlier version of it
 * may have written. Is shown all rows of a state in their order, and told the end.
 */
final class RowEntries implements Rows.Visitor {
  private final Serializer<Object> keys;
  private final StateKind reading;
  private final StateKind stored;
  private final byte written;
  private final ClassLoader loader;
  private final long now;
  private final Consumer consumer;

  /** Of the map at hand: what its rows' keys begin with, and its entries. */
  private byte[] mapRow;

  private final List<MapCell.Stored> mapped = new ArrayList<>();

  /** Gets what has not expired. */
  interface Consumer {
    void entry(int group, Object key, Object value);
  }

  /**
   * @param keys reads keys as they were written
   * @param reading of {@link StateReadings}
   * @param written kind of the rows
   */
  RowEntries(
      Serializer<Object> keys,
      StateKind reading,
      byte written,
      ClassLoader loader,
      long now,
      Consumer consumer) {
    this.keys = keys;
    this.reading = reading;
    this.stored = written == reading.code() ? reading : reading.twin();
    this.written = written;
    this.loader = loader;
    this.now = now;
    this.consumer = consumer;
  }

  @Override
  public boolean row(byte[] row, byte[] value) {
    if (stored instanceof StateKind.Mapped map) {
      int end = RowKeys.keyEnd(row);
      if (mapRow == null || !Arrays.equals(mapRow, 0, mapRow.length, row, 0, end)) {
        end();
        mapRow = Arrays.copyOf(row, end);
      }
      mapped.add(MapCell.stored(map, loader, row, end, value));
    } else if (stored instanceof StateKind.Many many) {
      var list = new ArrayList<Object>();
      ListCell.read(many.element(), loader, value, list);
      entry(row, list);
    } else {
      entry(row, stored.read(new DataReader(value, loader)));
    }
    return true;
  }

  void end() {
    if (mapRow != null) {
      mapped.sort(Comparator.comparingLong(MapCell.Stored::order));
      var map = new LinkedHashMap<Object, Object>();
      mapped.forEach(one -> map.put(one.key(), one.value()));
      entry(mapRow, map);
      mapped.clear();
      mapRow = null;
    }
  }

  private void entry(byte[] row, Object value) {
    Object live = reading.converted(written, value, now);
    if (live != null) {
      var in = new DataReader(row, RowKeys.HEADER, row.length - RowKeys.HEADER);
      int length = in.readVarInt();
      Object key = keys.read(new DataReader(row, in.position(), length, loader));
      consumer.entry(RowKeys.group(row), key, live);
    }
  }
}
