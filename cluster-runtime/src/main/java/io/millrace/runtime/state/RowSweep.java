package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Goes round the rows of a state with a time to live, and deletes what has expired.
 *
 * <p>Objects in the cache may stay: what they hold has either expired as well, which whoever reads
 * it finds out, or is newer than its row and will be written over it.
 */
final class RowSweep {
  /** Finding a place among the rows costs as much as looking at dozens of them. */
  private static final int LEAST_LOOKS = 256;

  /**
   * Rounds begin a quarter of the time to live apart: what has expired then stays for no longer
   * than that and a round, and state that lives long is not read all the time.
   */
  private static final int ROUNDS_PER_LIFE = 4;

  private final RowTable table;
  private final RowStateStore store;
  private final long ttlMillis;

  /** How many more entries may be looked at; below zero after a long list. */
  private long credit;

  /** Where the round goes on, {@code null} between rounds. */
  private byte[] next;

  private boolean everBegun;
  private long begunAt;

  RowSweep(RowTable table, RowStateStore store, long ttlMillis) {
    this.table = table;
    this.store = store;
    this.ttlMillis = ttlMillis;
  }

  /**
   * @param entries that this call earns; once there are enough of them, they are looked at
   */
  void step(int entries, long now) {
    if (next == null) {
      if (rests(now)) {
        return;
      }
      next = RowKeys.first(table.id());
      everBegun = true;
      begunAt = now;
    }
    credit += entries;
    if (credit >= LEAST_LOOKS) {
      look(now);
    }
  }

  /** A clock that was set back ends the rest: nobody knows for how long it would be. */
  private boolean rests(long now) {
    return everBegun && now >= begunAt && now - begunAt < ttlMillis / ROUNDS_PER_LIFE;
  }

  private void look(long now) {
    byte[] from = next;
    next = null;
    var stale = new ArrayList<byte[]>();
    var shorter = new ArrayList<Shorter>();
    store
        .rows()
        .skim(
            from,
            RowKeys.first(table.id() + 1),
            (row, value) -> {
              if (credit <= 0) {
                next = row;
                return false;
              }
              look(row, value, now, stale, shorter);
              return true;
            });
    stale.forEach(store.rows()::delete);
    shorter.forEach(each -> store.rows().put(each.row, each.value));
    if (next == null) {
      credit = 0;
    }
  }

  /** A list that has lost elements. */
  private record Shorter(byte[] row, byte[] value) {}

  private void look(byte[] row, byte[] value, long now, List<byte[]> stale, List<Shorter> shorter) {
    if (table.kind() instanceof StateKind.Many many) {
      var all = new ArrayList<Object>();
      ListCell.read(many.element(), store.loader(), value, all);
      credit -= many.size(all);
      Object live = many.live(all, now);
      if (live == null) {
        stale.add(row);
      } else if (live != all) {
        DataWriter out = store.writer();
        shorter.add(new Shorter(row, ListCell.run(many.element(), out, (List<?>) live)));
      }
      return;
    }
    credit--;
    int timed = table.kind() instanceof StateKind.Mapped ? MapCell.valueFrom(value) : 0;
    long millis = Timed.Form.millis(new DataReader(value, timed, value.length - timed));
    if (Timed.expired(millis, ttlMillis, now)) {
      stale.add(row);
    }
  }
}
