package io.millrace.api.operator.join;

import io.millrace.api.state.MapState;
import io.millrace.api.window.TimestampedValue;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of one side by time, in chunks that are entries of a map: who adds one writes its
 * chunk, and who asks for those of some time reads only chunks that may have them. Like the leaves
 * of a B-tree, whose only inner node is the {@link TimeIndex}.
 */
final class TimeBuffer<T> {
  private static final int CHUNK = 64;

  private final MapState<Long, List<TimestampedValue<T>>> chunks;

  TimeBuffer(MapState<Long, List<TimestampedValue<T>>> chunks) {
    this.chunks = chunks;
  }

  /** Is shown records. */
  interface Visitor<T> {
    void at(T value, long time) throws Exception;
  }

  /**
   * Adds a record behind those of the same time.
   *
   * @return whether the index has changed
   */
  boolean add(TimeIndex index, T value, long time) {
    var record = new TimestampedValue<>(value, time);
    int run = index.lastFor(time);
    List<TimestampedValue<T>> chunk = index.isEmpty() ? List.of() : chunk(index, run);
    int at = behind(chunk, time);
    boolean atTheEnd = run + 1 >= index.size() && at == chunk.size();
    if (index.isEmpty() || atTheEnd && at >= CHUNK) {
      // Records mostly come in the order of time: full chunks stay full.
      var last = new ArrayList<TimestampedValue<T>>();
      last.add(record);
      chunks.put(index.insert(index.size(), time), last);
      return true;
    }
    chunk.add(at, record);
    if (at == 0) {
      index.firsts[run] = time;
    }
    if (chunk.size() > CHUNK) {
      var later = new ArrayList<>(chunk.subList(CHUNK / 2, chunk.size()));
      chunk = new ArrayList<>(chunk.subList(0, CHUNK / 2));
      chunks.put(index.insert(run + 1, later.get(0).timestamp()), later);
      chunks.put(index.places[run], chunk);
      return true;
    }
    chunks.put(index.places[run], chunk);
    return at == 0;
  }

  /** Index behind all records that are not later. */
  private static int behind(List<? extends TimestampedValue<?>> chunk, long time) {
    int at = chunk.size();
    while (at > 0 && chunk.get(at - 1).timestamp() > time) {
      at--;
    }
    return at;
  }

  /**
   * Shows the records from one time to another, both included, in the order of their times and
   * those of one time as they came.
   */
  void between(TimeIndex index, long from, long to, Visitor<T> visitor) throws Exception {
    int run = Math.max(0, index.beginBefore(from) - 1);
    for (; run < index.size() && index.firsts[run] <= to; run++) {
      for (TimestampedValue<T> each : chunk(index, run)) {
        if (each.timestamp() > to) {
          return;
        }
        if (each.timestamp() >= from) {
          visitor.at(each.value(), each.timestamp());
        }
      }
    }
  }

  /**
   * Forgets all records up to a time, that one included.
   *
   * @return whether the index has changed
   */
  boolean dropUpTo(TimeIndex index, long time) {
    int whole = 0;
    // What begins later ends the chunk before.
    while (whole + 1 < index.size() && index.firsts[whole + 1] <= time) {
      chunks.remove(index.places[whole++]);
    }
    boolean changed = whole > 0;
    if (whole < index.size() && index.firsts[whole] <= time) {
      List<TimestampedValue<T>> chunk = chunk(index, whole);
      var left = new ArrayList<>(chunk.subList(behind(chunk, time), chunk.size()));
      changed = true;
      if (left.isEmpty()) {
        chunks.remove(index.places[whole++]);
      } else {
        chunks.put(index.places[whole], left);
        index.firsts[whole] = left.get(0).timestamp();
      }
    }
    if (whole > 0) {
      index.removeFirst(whole);
    }
    return changed;
  }

  private List<TimestampedValue<T>> chunk(TimeIndex index, int run) {
    List<TimestampedValue<T>> chunk = chunks.get(index.places[run]);
    if (chunk == null) {
      throw new IllegalStateException("records at place " + index.places[run] + " are gone");
    }
    return chunk;
  }
}
