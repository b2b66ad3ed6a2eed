package io.millrace.api.operator.window;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a combiner holds of each key and slice, in the order in which they came. Arrays and no
 * objects of its own: it is filled and emptied all the time.
 */
final class HeldPartials<K, A> {
  /** Multiplied with a hash, its upper bits depend on all of it. */
  private static final int MIX = 0x9e3779b9;

  private final Object[] keys;
  private final int[] hashes;
  private final long[] slices;
  private final Object[] contents;
  private final long[] records;

  /** By the upper bits of a hash, and on from there: one more than an index; 0 ends a search. */
  private final int[] places;

  private final int shift;
  private int size;

  /**
   * @param most that are held at a time
   */
  HeldPartials(int most) {
    keys = new Object[most];
    hashes = new int[most];
    slices = new long[most];
    contents = new Object[most];
    records = new long[most];
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(2 * most - 1);
    places = new int[1 << bits];
    shift = Integer.SIZE - bits;
  }

  int size() {
    return size;
  }

  /** The index of the key and slice, at which nothing is kept yet if there was none. */
  int indexOf(K key, long slice) {
    int hash = 31 * Objects.hashCode(key) + Long.hashCode(slice);
    int place = (hash * MIX) >>> shift;
    while (places[place] != 0) {
      int index = places[place] - 1;
      if (hashes[index] == hash && slices[index] == slice && Objects.equals(keys[index], key)) {
        return index;
      }
      place = (place + 1) & (places.length - 1);
    }
    keys[size] = key;
    hashes[size] = hash;
    slices[size] = slice;
    places[place] = ++size;
    return size - 1;
  }

  /** {@code null} as long as nothing is kept there. */
  @SuppressWarnings("unchecked") // what keep was given
  A contents(int index) {
    return (A) contents[index];
  }

  /** What one more record has made of it. */
  void keep(int index, A made) {
    contents[index] = made;
    records[index]++;
  }

  @SuppressWarnings("unchecked") // what indexOf was given
  Partial<K, A> partial(int index) {
    return new Partial<>((K) keys[index], slices[index], contents(index), records[index]);
  }

  void clear() {
    Arrays.fill(keys, 0, size, null);
    Arrays.fill(contents, 0, size, null);
    Arrays.fill(records, 0, size, 0);
    Arrays.fill(places, 0);
    size = 0;
  }
}
