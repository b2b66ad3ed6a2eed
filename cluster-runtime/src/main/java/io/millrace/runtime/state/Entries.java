package io.millrace.runtime.state;

import java.util.Objects;

/**
 * A key and a value for each slot of a page. As long as all keys are {@code Long}, or all {@code
 * Integer}, they are kept as numbers, and so are values behind such keys: an entry is found in one
 * place of memory then, and the collector has nothing to follow or to move.
 */
final class Entries {
  /** In place of a key where a slot is free; a key that is this very number is kept as object. */
  private static final long FREE = 0x8d26_17b3_5ec4_09f5L;

  /** What keys are, and values, that are kept as numbers; {@code null} for objects. */
  private final Class<?> keyBox;

  private final Class<?> valueBox;

  /** Keys, each before its value where that is a number, too. */
  private final long[] numbers;

  /** 1 where there are values between the keys, else 0. */
  private final int shift;

  private final Object[] keys;
  private final Object[] values;

  private Entries(Class<?> keyBox, Class<?> valueBox, int slots) {
    this.keyBox = keyBox;
    this.valueBox = valueBox;
    this.shift = valueBox == null ? 0 : 1;
    this.numbers = keyBox == null ? null : new long[slots << shift];
    this.keys = keyBox == null ? new Object[slots] : null;
    this.values = valueBox == null ? new Object[slots] : null;
    for (int i = 0; keyBox != null && i < slots; i++) {
      numbers[i << shift] = FREE;
    }
  }

  private Entries(Entries from) {
    this.keyBox = from.keyBox;
    this.valueBox = from.valueBox;
    this.shift = from.shift;
    this.numbers = from.numbers == null ? null : from.numbers.clone();
    this.keys = from.keys == null ? null : from.keys.clone();
    this.values = from.values == null ? null : from.values.clone();
  }

  /**
   * With room for entries like this one.
   *
   * @param mutableValues whether the value has to stay the object that it is
   */
  static Entries fitFor(Object key, Object value, boolean mutableValues, int slots) {
    Class<?> keyBox = boxOf(key);
    return new Entries(keyBox, keyBox == null || mutableValues ? null : boxOf(value), slots);
  }

  private static Class<?> boxOf(Object object) {
    return object instanceof Long || object instanceof Integer ? object.getClass() : null;
  }

  /** Of the same kind, with nothing in it. */
  Entries empty(int slots) {
    return new Entries(keyBox, valueBox, slots);
  }

  Entries copy() {
    return new Entries(this);
  }

  boolean fitsKey(Object key) {
    return keyBox == null
        || (key != null && key.getClass() == keyBox && ((Number) key).longValue() != FREE);
  }

  boolean fitsValue(Object value) {
    return valueBox == null || value.getClass() == valueBox;
  }

  /** The same with room for any value. */
  Entries withAnyValue(int[] hashes) {
    return refilled(new Entries(keyBox, null, hashes.length), hashes);
  }

  /** The same with room for any key and value. */
  Entries withAnyKey(int[] hashes) {
    return refilled(new Entries(null, null, hashes.length), hashes);
  }

  private Entries refilled(Entries wide, int[] hashes) {
    for (int slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] != 0) {
        wide.set(slot, key(slot), value(slot));
      }
    }
    return wide;
  }

  Object key(int slot) {
    return keyBox == null ? keys[slot] : boxed(keyBox, numbers[slot << shift]);
  }

  Object value(int slot) {
    return valueBox == null ? values[slot] : boxed(valueBox, numbers[(slot << 1) + 1]);
  }

  private static Object boxed(Class<?> box, long number) {
    return box == Long.class ? (Object) number : (Object) (int) number;
  }

  /** Both must fit. */
  void set(int slot, Object key, Object value) {
    if (keyBox == null) {
      keys[slot] = key;
    } else {
      numbers[slot << shift] = ((Number) key).longValue();
    }
    setValue(slot, value);
  }

  /** It must fit. */
  void setValue(int slot, Object value) {
    if (valueBox == null) {
      values[slot] = value;
    } else {
      numbers[(slot << 1) + 1] = ((Number) value).longValue();
    }
  }

  void free(int slot) {
    if (keyBox == null) {
      keys[slot] = null;
    } else {
      numbers[slot << shift] = FREE;
    }
    if (valueBox == null) {
      values[slot] = null;
    }
  }

  /** Takes an entry over as it is from others of the same kind, which may be these. */
  void take(Entries from, int there, int here) {
    if (keyBox == null) {
      keys[here] = from.keys[there];
    } else {
      numbers[here << shift] = from.numbers[there << shift];
    }
    if (valueBox == null) {
      values[here] = from.values[there];
    } else {
      numbers[(here << 1) + 1] = from.numbers[(there << 1) + 1];
    }
  }

  /** Looks at the first place where a key of the hash may be. */
  long touch(int[] hashes, int hash) {
    int slot = hash & (hashes.length - 1);
    long seen = keyBox == null ? hashes[slot] + look(keys[slot]) : numbers[slot << shift];
    return valueBox == null ? seen + look(values[slot]) : seen;
  }

  private static int look(Object object) {
    return object == null ? 0 : 1;
  }

  /**
   * The slot of a key, or -1, by linear probing from the hash's own slot on.
   *
   * @param hashes of all slots, zero where one is free; one at least is
   */
  int find(int[] hashes, int hash, Object key) {
    if (keyBox != null) {
      return fitsKey(key) ? find(hash, ((Number) key).longValue()) : -1;
    }
    int mask = hashes.length - 1;
    int slot = hash & mask;
    for (int found = hashes[slot]; found != 0; found = hashes[slot]) {
      if (found == hash && Objects.equals(keys[slot], key)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }

  /** Without a look at the hashes, which are elsewhere in memory. */
  private int find(int hash, long key) {
    int mask = (numbers.length >> shift) - 1;
    int slot = hash & mask;
    for (long found = numbers[slot << shift]; found != FREE; found = numbers[slot << shift]) {
      if (found == key) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}
