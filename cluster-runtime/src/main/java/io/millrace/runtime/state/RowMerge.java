package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.Serializer;
import java.util.Arrays;

/** Copies rows of some key groups into another store, which may number its states otherwise. */
record RowMerge(Rows from, RowHead head, int firstGroup, int groupCount) {
  void into(RowStateStore store) {
    for (int timers = 0; timers < RowStateStore.RESTORED; timers++) {
      timers(timers, store);
    }
    for (RowHead.Table table : head.tables()) {
      int as = store.tableFor(table.name(), table.holds());
      scan(
          table.id(),
          (row, value) -> {
            row[0] = (byte) (as >> 8);
            row[1] = (byte) as;
            store.rows().put(row, value);
            return true;
          });
    }
    for (RowHead.NamedBlock named : head.setAside()) {
      int group = named.block().group();
      if (group >= firstGroup && group < firstGroup + groupCount) {
        byte[] bytes = from.get(RowKeys.numbered(RowStateStore.RESTORED, named.block().number()));
        Portable.Block kept = named.block().numbered(store.newBlock());
        store.rows().put(RowKeys.numbered(RowStateStore.RESTORED, kept.number()), bytes);
        store.setAside(named.state(), kept);
      }
    }
    // Only entries of the same map are compared, and those are all from one store.
    store.orderFrom(head.order());
  }

  private void timers(int table, RowStateStore store) {
    boolean asTheyAre = store.keys().shape().reads(head.keys());
    scan(
        table,
        (row, value) -> {
          store.rows().put(asTheyAre ? row : migrated(table, row, store), value);
          return true;
        });
  }

  private byte[] migrated(int table, byte[] row, RowStateStore store) {
    store.restoredKeys().check("timers", head.keys());
    Serializer<Object> written = store.restoredKeys().reader(head.keys());
    byte[] key = Arrays.copyOfRange(row, RowKeys.TIMER_KEY, row.length);
    byte[] now = store.keys().bytes(written.read(new DataReader(key, store.loader())));
    return store.keys().timer(table, RowKeys.group(row), RowKeys.time(row), now);
  }

  private void scan(int table, Rows.Visitor visitor) {
    from.scan(
        RowKeys.group(table, firstGroup), RowKeys.group(table, firstGroup + groupCount), visitor);
  }
}
