package io.millrace.benchmarks.workloads.limit;

import java.util.Arrays;

/** A number under each of many keys from 0 on, in an open-addressing table. */
final class Counts {
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private long[] keys;
  private long[] values;
  private int size;

  Counts() {
    allocate(1024);
  }

  private void allocate(int capacity) {
    keys = new long[capacity];
    values = new long[capacity];
    Arrays.fill(keys, -1);
  }

  /** Adds to the number under a key, 0 at first. */
  long add(long key, long more) {
    int at = slot(key);
    if (keys[at] < 0) {
      if (size >= keys.length / 2) {
        grow();
        at = slot(key);
      }
      keys[at] = key;
      size++;
    }
    return values[at] += more;
  }

  boolean contains(long key) {
    return keys[slot(key)] >= 0;
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    int at = (int) (key * SCATTER >>> 20) & mask;
    while (keys[at] >= 0 && keys[at] != key) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldValues = values;
    allocate(2 * oldKeys.length);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] >= 0) {
        int at = slot(oldKeys[i]);
        keys[at] = oldKeys[i];
        values[at] = oldValues[i];
      }
    }
  }

  interface Visitor {
    void visit(long key, long value);
  }

  void forEach(Visitor visitor) {
    for (int at = 0; at < keys.length; at++) {
      if (keys[at] >= 0) {
        visitor.visit(keys[at], values[at]);
      }
    }
  }

  void clear() {
    Arrays.fill(keys, -1);
    Arrays.fill(values, 0);
    size = 0;
  }
}
