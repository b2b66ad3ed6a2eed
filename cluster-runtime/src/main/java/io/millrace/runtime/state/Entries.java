package io.millrace.runtime.state;

import io.millrace.api.state.Flattening;
import java.util.Objects;

/**
 * A key and a value for each slot of a page. As long as all keys are {@code Long}, or all {@code
 * Integer}, they are kept as numbers, and so are values that can be laid down as such: an entry is
 * found in one place of memory then, and the collector has nothing to follow or to move.
 */
final class Entries {
  /** In place of a key where a slot is free; a key that is this very number is kept as object. */
  private static final long FREE = 0x8d26_17b3_5ec4_09f5L;

  /** Instead of what is first of a value that cannot be kept as numbers. */
  private static final long OBJECT = 0x6b1d_93f0_2a8e_57c5L;

  /** What keys are that are kept as numbers; {@code null} for objects. */
  private final Class<?> keyBox;

  /** How values are kept as numbers; {@code null} if all are objects. */
  private final Flattening<Object> flattening;

  private final int slots;

  /** How many numbers there are for each slot. */
  private final int stride;

  /** How many of them are before the value's. */
  private final int before;

  /** Each key, if keys are numbers, and behind it its value, if that is; {@code null} for none. */
  private final long[] numbers;

  /** {@code null} if keys are numbers. */
  private final Object[] keys;

  /** Those that are not kept as numbers; {@code null} as long as all are. */
  private Object[] values;

  private Entries(Class<?> keyBox, Flattening<Object> flattening, int slots) {
    this.keyBox = keyBox;
    this.flattening = flattening;
    this.slots = slots;
    this.before = keyBox == null ? 0 : 1;
    this.stride = before + (flattening == null ? 0 : flattening.width());
    this.numbers = stride == 0 ? null : new long[slots * stride];
    this.keys = keyBox == null ? new Object[slots] : null;
    this.values = flattening == null ? new Object[slots] : null;
    for (int slot = 0; keyBox != null && slot < slots; slot++) {
      numbers[slot * stride] = FREE;
    }
  }

  private Entries(Entries from) {
    this.keyBox = from.keyBox;
    this.flattening = from.flattening;
    this.slots = from.slots;
    this.before = from.before;
    this.stride = from.stride;
    this.numbers = from.numbers == null ? null : from.numbers.clone();
    this.keys = from.keys == null ? null : from.keys.clone();
    this.values = from.values == null ? null : from.values.clone();
  }

  /**
   * With room for entries like this one.
   *
   * @param mutableValues whether the value has to stay the object that it is
   * @param declared how values are kept as numbers all the same; {@code null} if they are not
   */
  static Entries fitFor(
      Object key, Object value, boolean mutableValues, Flattening<Object> declared, int slots) {
    Class<?> keyBox = key instanceof Long || key instanceof Integer ? key.getClass() : null;
    boolean boxes = declared == null && keyBox != null && !mutableValues;
    return new Entries(keyBox, boxes ? ofBox(value) : declared, slots);
  }

  @SuppressWarnings("unchecked") // it looks at what it gets
  private static Flattening<Object> ofBox(Object value) {
    return (Flattening<Object>) Flattening.ofClass(value.getClass());
  }

  /** Of the same kind, with nothing in it. */
  Entries empty(int slots) {
    return new Entries(keyBox, flattening, slots);
  }

  Entries copy() {
    return new Entries(this);
  }

  boolean fitsKey(Object key) {
    return keyBox == null
        || (key != null && key.getClass() == keyBox && ((Number) key).longValue() != FREE);
  }

  /** The same with room for any key. */
  Entries withAnyKey(int[] hashes) {
    var wide = new Entries(null, flattening, hashes.length);
    for (int slot = 0; slot < hashes.length; slot++) {
      if (hashes[slot] != 0) {
        wide.set(slot, key(slot), value(slot));
      }
    }
    return wide;
  }

  Object key(int slot) {
    return keyBox == null ? keys[slot] : boxed(numbers[slot * stride]);
  }

  private Object boxed(long number) {
    return keyBox == Long.class ? (Object) number : (Object) (int) number;
  }

  /** Whether the value is an object of its own, which stays the same one. */
  boolean isObject(int slot) {
    return flattening == null || numbers[slot * stride + before] == OBJECT;
  }

  Object value(int slot) {
    return isObject(slot) ? values[slot] : flattening.lift(numbers, slot * stride + before);
  }

  /** The key must fit. */
  void set(int slot, Object key, Object value) {
    if (keyBox == null) {
      keys[slot] = key;
    } else {
      numbers[slot * stride] = ((Number) key).longValue();
    }
    setValue(slot, value);
  }

  void setValue(int slot, Object value) {
    int at = slot * stride + before;
    boolean laid =
        flattening != null && flattening.lay(value, numbers, at) && numbers[at] != OBJECT;
    if (!laid && flattening != null) {
      numbers[at] = OBJECT;
    }
    if (!laid && values == null) {
      values = new Object[slots];
    }
    if (values != null) {
      values[slot] = laid ? null : value;
    }
  }

  void free(int slot) {
    if (keyBox == null) {
      keys[slot] = null;
    } else {
      numbers[slot * stride] = FREE;
    }
    if (values != null) {
      values[slot] = null;
    }
  }

  /** Takes an entry over as it is from others of the same kind, which may be these. */
  void take(Entries from, int there, int here) {
    if (keyBox == null) {
      keys[here] = from.keys[there];
    }
    for (int i = 0; i < stride; i++) {
      numbers[here * stride + i] = from.numbers[there * stride + i];
    }
    Object value = from.values == null ? null : from.values[there];
    if (values == null && value != null) {
      values = new Object[slots];
    }
    if (values != null) {
      values[here] = value;
    }
  }

  /** Looks at the first place where a key of the hash may be. */
  long touch(int[] hashes, int hash) {
    int slot = hash & (slots - 1);
    long seen = keyBox == null ? hashes[slot] + look(keys[slot]) : 0;
    if (stride > 0) { // an entry may reach into a second line of memory
      seen += numbers[slot * stride] + numbers[slot * stride + stride - 1];
    }
    return values != null && isObject(slot) ? seen + look(values[slot]) : seen;
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
    int mask = slots - 1;
    int slot = hash & mask;
    for (long found = numbers[slot * stride]; found != FREE; found = numbers[slot * stride]) {
      if (found == key) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1;
  }
}
