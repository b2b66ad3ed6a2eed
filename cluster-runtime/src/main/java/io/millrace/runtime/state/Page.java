package io.millrace.runtime.state;

/**
 * Up to {@link #MAX_SLOTS} entries in open addressing with linear probing, all of one key group. A
 * page is written only at the version it was made for; before a write at a newer version its table
 * replaces it by a {@link #copy}.
 */
final class Page {
  static final int MAX_SLOTS = 1024;
  private static final int FIRST_SLOTS = 8;

  final int version;

  /** How many leading bits of the hash all entries share. */
  final int depth;

  private Object[] keys;
  private Object[] values;
  private int[] hashes;

  /**
   * The version at which the value became this page's own; only kept for mutable values, else null.
   */
  private int[] owned;

  private int size;

  Page(int version, int depth, boolean mutableValues) {
    this.version = version;
    this.depth = depth;
    this.keys = new Object[FIRST_SLOTS];
    this.values = new Object[FIRST_SLOTS];
    this.hashes = new int[FIRST_SLOTS];
    this.owned = mutableValues ? new int[FIRST_SLOTS] : null;
  }

  private Page(int version, Page from) {
    this.version = version;
    this.depth = from.depth;
    this.keys = from.keys.clone();
    this.values = from.values.clone();
    this.hashes = from.hashes.clone();
    this.owned = from.owned == null ? null : from.owned.clone();
    this.size = from.size;
  }

  Page copy(int version) {
    return new Page(version, this);
  }

  int size() {
    return size;
  }

  int slots() {
    return keys.length;
  }

  /** The key in a slot, {@code null} if it is free. */
  Object key(int slot) {
    return keys[slot];
  }

  Object value(int slot) {
    return values[slot];
  }

  int hash(int slot) {
    return hashes[slot];
  }

  int ownedSince(int slot) {
    return owned[slot];
  }

  /** The slot of a key, or -1. */
  int find(int hash, Object key) {
    int mask = keys.length - 1;
    for (int slot = hash & mask; keys[slot] != null; slot = (slot + 1) & mask) {
      if (hashes[slot] == hash && (keys[slot] == key || keys[slot].equals(key))) {
        return slot;
      }
    }
    return -1;
  }

  /** Whether another entry would make this page too large, so that it should be divided first. */
  boolean full() {
    return keys.length >= MAX_SLOTS && size >= MAX_SLOTS / 4 * 3;
  }

  void put(int hash, Object key, Object value) {
    int slot = find(hash, key);
    if (slot < 0) {
      if (size >= keys.length / 4 * 3) {
        grow();
      }
      slot = freeSlot(hash);
      keys[slot] = key;
      hashes[slot] = hash;
      size++;
    }
    set(slot, value);
  }

  void set(int slot, Object value) {
    values[slot] = value;
    if (owned != null) {
      owned[slot] = version;
    }
  }

  /** Takes an entry over as it is, from a page that is divided. */
  void adopt(Page from, int slot) {
    if (size >= keys.length / 4 * 3) {
      grow();
    }
    int free = freeSlot(from.hashes[slot]);
    keys[free] = from.keys[slot];
    values[free] = from.values[slot];
    hashes[free] = from.hashes[slot];
    if (owned != null) {
      owned[free] = from.owned[slot];
    }
    size++;
  }

  /** Removes the entry and closes the gap, so that no probe ends early. */
  void remove(int slot) {
    int mask = keys.length - 1;
    int gap = slot;
    for (int next = (gap + 1) & mask; keys[next] != null; next = (next + 1) & mask) {
      int home = hashes[next] & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        move(next, gap);
        gap = next;
      }
    }
    keys[gap] = null;
    values[gap] = null;
    size--;
  }

  private void move(int from, int to) {
    keys[to] = keys[from];
    values[to] = values[from];
    hashes[to] = hashes[from];
    if (owned != null) {
      owned[to] = owned[from];
    }
  }

  private int freeSlot(int hash) {
    int mask = keys.length - 1;
    int slot = hash & mask;
    while (keys[slot] != null) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    Object[] oldKeys = keys;
    Object[] oldValues = values;
    int[] oldHashes = hashes;
    int[] oldOwned = owned;
    int slots = oldKeys.length * 2;
    keys = new Object[slots];
    values = new Object[slots];
    hashes = new int[slots];
    owned = oldOwned == null ? null : new int[slots];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != null) {
        int slot = freeSlot(oldHashes[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
        hashes[slot] = oldHashes[i];
        if (owned != null) {
          owned[slot] = oldOwned[i];
        }
      }
    }
  }
}
