package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Rows in memory: the ones of simulations, and the measure for those on disk. They are captured as
 * those are: a file with what has changed since the last time, and now and then one file instead of
 * many.
 */
public final class MemoryRows implements Rows {
  /** Of rows like these. */
  public static final RowStateStore.RowsFactory FACTORY =
      new RowStateStore.RowsFactory() {
        @Override
        public Rows empty() {
          return new MemoryRows();
        }

        @Override
        public Rows of(StateFolder captured) {
          try {
            return MemoryRows.of(captured);
          } catch (IOException e) {
            throw new LocalStateException(e.getMessage(), e);
          }
        }
      };

  private static final String INDEX = "index";
  private static final int MOST_FILES = 4;

  private TreeMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);

  /** Keys of rows that no file has as they are. */
  private final TreeSet<byte[]> changed = new TreeSet<>(Arrays::compareUnsigned);

  /** Files that were captured last, oldest first. */
  private final LinkedHashMap<String, byte[]> files = new LinkedHashMap<>();

  private int filesMade;

  /** Whether a view may hold the map, so that the next change needs a copy of it. */
  private boolean shared;

  private long toLend;

  /** They lend nothing. */
  public MemoryRows() {
    this(0);
  }

  /**
   * @param toLend bytes in all
   */
  public MemoryRows(long toLend) {
    this.toLend = toLend;
  }

  @Override
  public boolean lend(long bytes) {
    if (bytes > toLend) {
      return false;
    }
    toLend -= bytes;
    return true;
  }

  /** Those that were captured. */
  public static MemoryRows of(StateFolder captured) throws IOException {
    var found = new TreeMap<String, byte[]>();
    for (StateFolder.File file : captured.files()) {
      found.put(file.name(), captured.read(file.name(), 0, (int) file.length()));
    }
    var all = new MemoryRows();
    var index = new DataReader(found.get(INDEX));
    all.filesMade = index.readInt();
    while (index.remaining() > 0) {
      String name = index.readString();
      all.files.put(name, found.get(name));
      var file = new DataReader(found.get(name));
      while (file.remaining() > 0) {
        byte[] key = file.readByteArray();
        if (file.readBoolean()) {
          all.rows.put(key, file.readByteArray());
        } else {
          all.rows.remove(key);
        }
      }
    }
    return all;
  }

  @Override
  public byte[] get(byte[] key) {
    byte[] value = rows.get(key);
    return value == null ? null : value.clone();
  }

  @Override
  public void put(byte[] key, byte[] value) {
    own().put(key.clone(), value.clone());
    changed.add(key.clone());
  }

  @Override
  public void append(byte[] key, byte[] value) {
    byte[] before = rows.getOrDefault(key, new byte[0]);
    byte[] both = Arrays.copyOf(before, before.length + value.length);
    System.arraycopy(value, 0, both, before.length, value.length);
    own().put(key.clone(), both);
    changed.add(key.clone());
  }

  @Override
  public void delete(byte[] key) {
    own().remove(key);
    changed.add(key.clone());
  }

  @Override
  public long estimatedBytes(byte[] from, byte[] to) {
    long bytes = 0;
    for (var row : rows.subMap(from, to).entrySet()) {
      bytes += row.getKey().length + row.getValue().length;
    }
    return bytes;
  }

  @Override
  public Batch batch() {
    return new Batch() {
      @Override
      public void put(byte[] bytes, int key, int keyLength, int value, int valueLength) {
        MemoryRows.this.put(
            Arrays.copyOfRange(bytes, key, key + keyLength),
            Arrays.copyOfRange(bytes, value, value + valueLength));
      }

      @Override
      public void delete(byte[] bytes, int key, int keyLength) {
        MemoryRows.this.delete(Arrays.copyOfRange(bytes, key, key + keyLength));
      }

      @Override
      public void write() {
        // It has happened.
      }
    };
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    scan(rows, from, to, visitor);
  }

  @Override
  public void skim(byte[] from, byte[] to, Visitor visitor) {
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
  public StateFolder capture() {
    if (files.size() >= MOST_FILES) {
      files.clear();
      changed.clear();
      changed.addAll(rows.keySet());
    }
    if (!changed.isEmpty()) {
      var file = new DataWriter();
      for (byte[] key : changed) {
        byte[] value = rows.get(key);
        file.writeByteArray(key);
        file.writeBoolean(value != null);
        if (value != null) {
          file.writeByteArray(value);
        }
      }
      changed.clear();
      files.put("rows-" + ++filesMade, file.toByteArray());
    }
    var index = new DataWriter();
    index.writeInt(filesMade);
    files.keySet().forEach(index::writeString);
    var folder = new MemoryFolder();
    files.forEach((name, bytes) -> folder.write(name, List.of(bytes)));
    folder.write(INDEX, List.of(index.toByteArray()));
    return folder;
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
