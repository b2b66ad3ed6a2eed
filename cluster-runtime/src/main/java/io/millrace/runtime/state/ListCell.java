package io.millrace.runtime.state;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A list. Its row is a sequence of runs, each with a length in front and readable by itself; what
 * was added since the last write-back becomes one more run, and what the row holds is not read for
 * that.
 */
final class ListCell extends Cell {
  private final Serializer<Object> element;

  /** All of it; {@code null} if the row has not been read. */
  private List<Object> all;

  /** What the row lacks at its end. */
  private final List<Object> added = new ArrayList<>();

  /** Whether the row holds nothing that counts. */
  private boolean replaced;

  ListCell(ObjectCache.Slot slot, RowStateStore store, Serializer<Object> element) {
    super(slot, store);
    this.element = element;
  }

  void add(Object value) {
    added.add(value);
    if (all != null) {
      all.add(value);
    }
    holdsMore(table().bytesOf(value, store));
    change();
  }

  List<Object> all() {
    if (all == null) {
      all = new ArrayList<>();
      byte[] found = replaced ? null : store.rows().get(row());
      if (found != null) {
        read(element, store.loader(), found, all);
        holdsMore(found.length);
      }
      all.addAll(added);
    }
    return Collections.unmodifiableList(all);
  }

  void replace(List<?> values) {
    replaced = true;
    all = new ArrayList<>(values);
    added.clear();
    added.addAll(values);
    holds(0);
    values.forEach(value -> holdsMore(table().bytesOf(value, store)));
    change();
  }

  @Override
  void write() {
    if (added.isEmpty()) {
      if (replaced) {
        store.rows().delete(row());
      }
    } else {
      byte[] run = run(element, store.writer(), added);
      if (replaced) {
        store.rows().put(row(), run);
      } else {
        store.rows().append(row(), run);
      }
      table().sawBytes(run.length / added.size());
      if (all == null) {
        // They are in the row now; nobody needs them here.
        holds(0);
      }
    }
    replaced = false;
    added.clear();
  }

  /** One run, which is also the row of a whole list. */
  static byte[] run(Serializer<Object> element, DataWriter out, List<?> values) {
    out.writeInt(0);
    out.writeVarInt(values.size());
    for (Object value : values) {
      element.write(value, out);
    }
    out.patchInt(0, out.position() - 4);
    return out.toByteArray();
  }

  /** Adds what the row holds. */
  static void read(Serializer<Object> element, ClassLoader loader, byte[] row, List<Object> to) {
    int at = 0;
    while (at < row.length) {
      int length = new DataReader(row, at, row.length - at).readInt();
      var run = new DataReader(row, at + 4, length, loader);
      for (int left = run.readVarInt(); left > 0; left--) {
        to.add(element.read(run));
      }
      at += 4 + length;
    }
  }
}
