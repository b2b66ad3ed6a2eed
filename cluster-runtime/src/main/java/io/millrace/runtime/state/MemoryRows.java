package io.millrace.runtime.state;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Rows in memory: the ones of simulations, and the measure for those on disk. */
public final class MemoryRows implements Rows {
  private TreeMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

  /** Whether a view may hold the map, so that the next change needs a copy of it. */
  private boolean shared;

  @Override
  public byte[] get(byte[] key) {
    byte[] value = rows.get(key);
    return value == null ? null : value.clone();
  }

  @Override
  public void put(byte[] key, byte[] value) {
    own().put(key.clone(), value.clone());
  }

  @Override
  public void append(byte[] key, byte[] value) {
    byte[] before = rows.getOrDefault(key, new byte[0]);
    byte[] both = Arrays.copyOf(before, before.length + value.length);
    System.arraycopy(value, 0, both, before.length, value.length);
    own().put(key.clone(), both);
  }

  @Override
  public void delete(byte[] key) {
    own().remove(key);
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    scan(rows, from, to, visitor);
  }

  @Override
  public View freeze() {
    TreeMap<byte[], byte[]> frozen = rows;
    shared = true;
    return new View() {
      @Override
      public void scan(byte[] from, byte[] to, Visitor visitor) {
        MemoryRows.scan(frozen, from, to, visitor);
      }

      @Override
      public void close() {
        // The collector does it.
      }
    };
  }

  @Override
  public long estimatedCount() {
    return rows.size();
  }

  @Override
  public void close() {
    rows = new TreeMap<>(Arrays::compareUnsigned);
  }

  private TreeMap<byte[], byte[]> own() {
    if (shared) {
      rows = new TreeMap<>(rows);
      shared = false;
    }
    return rows;
  }

  private static void scan(TreeMap<byte[], byte[]> rows, byte[] from, byte[] to, Visitor visitor) {
    for (Map.Entry<byte[], byte[]> row : rows.subMap(from, to).entrySet()) {
      if (!visitor.row(row.getKey().clone(), row.getValue().clone())) {
        return;
      }
    }
  }
}
