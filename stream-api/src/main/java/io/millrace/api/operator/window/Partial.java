package io.millrace.api.operator.window;

import io.millrace.api.function.KeySelector;

/**
 * What some records of a key and a slice come to, on its way from a combiner to the operator of the
 * windows.
 *
 * @param slice its start; {@link SliceGrid#NONE} for a record that is in no window
 * @param records how many it was
 */
public record Partial<K, A>(K key, long slice, A contents, long records) {
  /** The key that the records had. */
  public static final class ByKey<K, A> implements KeySelector<Partial<K, A>, K> {
    @Override
    public K getKey(Partial<K, A> partial) {
      return partial.key();
    }
  }
}
