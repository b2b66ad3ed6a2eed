package io.millrace.api.operator.window;

import io.millrace.api.state.MapState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.StringJoiner;

/**
 * The full chunks of a key's lists, each an entry of a map by its place. What is full is never
 * written again, so that a list costs each checkpoint what has come since the last one, however
 * long it is.
 */
final class RecordChunks<E> {
  private static final int CHUNK = 64;

  /** So many chunks can follow one another; the list that passes it goes on elsewhere. */
  private static final int RUN_BITS = 24;

  private final MapState<Long, List<E>> chunks;
  private KeyWindows<?, ?> windows;

  RecordChunks(MapState<Long, List<E>> chunks) {
    this.chunks = chunks;
  }

  /** What follows is about lists of that key. */
  void at(KeyWindows<?, ?> ofKey) {
    windows = ofKey;
  }

  /**
   * @param before null for a new list
   */
  Records<E> add(Records<E> before, E record) {
    Records<E> list = before == null ? new Records<>(newRun()) : before;
    if (list.end.size() >= CHUNK) {
      closeEnd(list);
    }
    list.end.add(record);
    return list;
  }

  /** Puts one list behind the other, which is what it becomes. */
  Records<E> join(Records<E> left, Records<E> right) {
    if (right.isShort() && left.end.size() + right.end.size() <= CHUNK) {
      left.end.addAll(right.end);
      return left;
    }
    if (!left.end.isEmpty()) {
      closeEnd(left);
    }
    left.append(right.runs);
    left.end = right.end;
    return left;
  }

  private void closeEnd(Records<E> list) {
    chunks.put(list.next, list.end);
    list.append(list.next++);
    if (list.next << -RUN_BITS == 0) {
      list.next = newRun();
    }
    list.end = new ArrayList<>(CHUNK);
  }

  private long newRun() {
    return windows.runs++ << RUN_BITS;
  }

  /** All of it, read chunk by chunk while it is iterated; not to be changed. */
  Iterable<E> all(Records<E> list) {
    return new All(list);
  }

  /** See {@link #all}. */
  private final class All implements Iterable<E> {
    private final Records<E> list;

    All(Records<E> list) {
      this.list = list;
    }

    @Override
    public Iterator<E> iterator() {
      return new Iterator<>() {
        private final long[] places = list.places();
        private int next;
        private Iterator<E> chunk = Collections.emptyIterator();

        @Override
        public boolean hasNext() {
          while (!chunk.hasNext() && next <= places.length) {
            chunk = (next == places.length ? list.end : chunk(places[next])).iterator();
            next++;
          }
          return chunk.hasNext();
        }

        @Override
        public E next() {
          hasNext();
          return chunk.next();
        }
      };
    }

    /** Like a list: programs print what their functions get. */
    @Override
    public String toString() {
      var text = new StringJoiner(", ", "[", "]");
      forEach(each -> text.add(String.valueOf(each)));
      return text.toString();
    }
  }

  private List<E> chunk(long place) {
    List<E> chunk = chunks.get(place);
    if (chunk == null) {
      throw new IllegalStateException("a window's records at place " + place + " are gone");
    }
    return chunk;
  }

  /** Nobody needs the list any more. */
  void drop(Records<E> list) {
    if (list.isShort()) {
      return;
    }
    for (long place : list.places()) {
      chunks.remove(place);
    }
  }

  /** A list in memory, some of which may be removed. */
  Taken take(Records<E> list) {
    return new Taken(list);
  }

  /** See {@link #take}. */
  final class Taken {
    private final Records<E> list;
    private final long[] places;
    private final List<List<E>> parts = new ArrayList<>();

    /** All of it; whoever has it may remove what shall not stay. */
    final Evictable<E> left;

    private final int before;

    private Taken(Records<E> list) {
      this.list = list;
      this.places = list.places();
      for (long place : places) {
        parts.add(chunk(place));
      }
      parts.add(list.end);
      var all = new ArrayList<E>();
      parts.forEach(all::addAll);
      left = new Evictable<>(all);
      before = all.size();
    }

    /** Makes the list what is left; chunks of which all is left stay as they are. */
    void keepWhatIsLeft() {
      if (left.size() == before) {
        return;
      }
      list.runs = new long[0];
      Iterator<E> rest = left.iterator();
      E next = rest.hasNext() ? rest.next() : null;
      for (int i = 0; i < parts.size(); i++) {
        var kept = new ArrayList<E>();
        for (E each : parts.get(i)) {
          // Records that are equal are not the same.
          if (next == each) {
            kept.add(each);
            next = rest.hasNext() ? rest.next() : null;
          }
        }
        if (i == places.length) {
          list.end = kept;
        } else if (kept.isEmpty()) {
          chunks.remove(places[i]);
        } else {
          if (kept.size() < parts.get(i).size()) {
            chunks.put(places[i], kept);
          }
          list.append(places[i]);
        }
      }
    }
  }
}
