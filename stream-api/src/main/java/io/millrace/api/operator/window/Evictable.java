package io.millrace.api.operator.window;

import java.util.AbstractCollection;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Some elements in their order, of which any iterator may remove any. That costs the same for each:
 * an evictor may take a million away from the front, one by one.
 */
final class Evictable<E> extends AbstractCollection<E> {
  /** Null where one was removed. */
  private final List<E> all;

  private int size;

  /**
   * @param all none of them null; belongs to this from now on
   */
  Evictable(List<E> all) {
    this.all = all;
    this.size = all.size();
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Iterator<E> iterator() {
    return new Iterator<>() {
      private int next;
      private int last = -1;

      @Override
      public boolean hasNext() {
        while (next < all.size() && all.get(next) == null) {
          next++;
        }
        return next < all.size();
      }

      @Override
      public E next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        last = next++;
        return all.get(last);
      }

      @Override
      public void remove() {
        if (last < 0 || all.get(last) == null) {
          throw new IllegalStateException("there is no element that may be removed here");
        }
        all.set(last, null);
        size--;
      }
    };
  }
}
