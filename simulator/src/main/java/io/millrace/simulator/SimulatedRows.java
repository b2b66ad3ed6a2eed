package io.millrace.simulator;

import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.state.MemoryRows;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.Rows;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.util.List;

/** Rows on a {@link SimulatedDisk}: any call may find it full or damaged. */
final class SimulatedRows implements Rows {
  /** Enough for some rows and not for all. */
  private static final long LENT = 10_000;

  private final SimulatedDisk disk;
  private final MemoryRows rows;

  private SimulatedRows(SimulatedDisk disk, MemoryRows rows) {
    this.disk = disk;
    this.rows = rows;
  }

  static RowStateStore.RowsFactory on(SimulatedDisk disk) {
    return new RowStateStore.RowsFactory() {
      @Override
      public Rows empty() {
        return new SimulatedRows(disk, new MemoryRows(LENT));
      }

      @Override
      public Rows of(StateFolder captured) {
        try {
          for (StateFolder.File file : captured.files()) {
            captured.verify(file.name());
          }
          return new SimulatedRows(disk, MemoryRows.of(captured));
        } catch (IOException e) {
          throw new LocalStateException(e.getMessage(), e);
        }
      }
    };
  }

  private void mayFail(String what) {
    try {
      disk.mayRarelyFail(what);
    } catch (IOException e) {
      throw new LocalStateException(e.getMessage(), e);
    }
  }

  @Override
  public boolean lend(long bytes) {
    return rows.lend(bytes);
  }

  @Override
  public byte[] get(byte[] key) {
    mayFail("a row was read");
    return rows.get(key);
  }

  @Override
  public void put(byte[] key, byte[] value) {
    mayFail("a row was written");
    rows.put(key, value);
  }

  @Override
  public void append(byte[] key, byte[] value) {
    mayFail("a row was written");
    rows.append(key, value);
  }

  @Override
  public void delete(byte[] key) {
    mayFail("a row was deleted");
    rows.delete(key);
  }

  @Override
  public Batch batch() {
    Batch batch = rows.batch();
    return new Batch() {
      @Override
      public void put(byte[] bytes, int key, int keyLength, int value, int valueLength) {
        batch.put(bytes, key, keyLength, value, valueLength);
      }

      @Override
      public void delete(byte[] bytes, int key, int keyLength) {
        batch.delete(bytes, key, keyLength);
      }

      @Override
      public void write() {
        mayFail("rows were written");
        batch.write();
      }
    };
  }

  @Override
  public void scan(byte[] from, byte[] to, Visitor visitor) {
    mayFail("rows were read");
    rows.scan(from, to, visitor);
  }

  @Override
  public void skim(byte[] from, byte[] to, Visitor visitor) {
    mayFail("rows were read");
    rows.skim(from, to, visitor);
  }

  @Override
  public View freeze() {
    View frozen = rows.freeze();
    return new View() {
      @Override
      public void scan(byte[] from, byte[] to, Visitor visitor) {
        mayFail("frozen rows were read");
        frozen.scan(from, to, visitor);
      }

      @Override
      public void close() {
        frozen.close();
      }
    };
  }

  @Override
  public StateFolder capture() {
    mayFail("rows were captured");
    StateFolder captured = rows.capture();
    var folder = new SimulatedFolder(disk);
    try {
      for (StateFolder.File file : captured.files()) {
        folder.write(file.name(), List.of(captured.read(file.name(), 0, (int) file.length())));
      }
      return folder;
    } catch (IOException e) {
      throw new LocalStateException(e.getMessage(), e);
    }
  }

  @Override
  public long estimatedCount() {
    return rows.estimatedCount();
  }

  @Override
  public long estimatedBytes(byte[] from, byte[] to) {
    return rows.estimatedBytes(from, to);
  }

  @Override
  public void close() {
    rows.close();
  }
}
