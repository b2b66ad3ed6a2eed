package io.millrace.runtime.state;

import io.millrace.api.state.Flattening;

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

  /** How values are kept as numbers; {@code null} if nobody has said how. */
  private final Flattening<Object> flattening;

  /** {@code null} until there is a first one to see what they are like. */
  private Entries entries;

  /** Zero where a slot is free. */
  private int[] hashes;

  /**
   * The version at which the value became this page's own; only kept for mutable values, else null.
   */
  private int[] owned;

  private int size;

  Page(int version, int depth, boolean mutableValues, Flattening<Object> flattening) {
    this.version = version;
    this.depth = depth;
    this.flattening = flattening;
    this.hashes = new int[FIRST_SLOTS];
    this.owned = mutableValues ? new int[FIRST_SLOTS] : null;
  }

  private Page(int version, Page from) {
    this.version = version;
    this.depth = from.depth;
    this.flattening = from.flattening;
    this.entries = from.entries == null ? null : from.entries.copy();
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
    return hashes.length;
  }

  boolean isFree(int slot) {
    return hashes[slot] == 0;
  }

  /** The key in a slot that is not free. */
  Object key(int slot) {
    return entries.key(slot);
  }

  Object value(int slot) {
    return entries.value(slot);
  }

  /** As good as the one that the entry was put under. */
  int hash(int slot) {
    return hashes[slot];
  }

  /** Whether the value is an object that has been this page's own only up to that version. */
  boolean lendsOut(int slot, int version) {
    return entries.isObject(slot) && owned[slot] <= version;
  }

  /** The slot of a key, or -1. */
  int find(int hash, Object key) {
    return entries == null ? -1 : entries.find(hashes, marked(hash), key);
  }

  long touch(int hash) {
    return entries == null ? 0 : entries.touch(hashes, marked(hash));
  }

  /** Zero is for free slots. */
  private static int marked(int hash) {
    return hash == 0 ? 1 : hash;
  }

  /** Whether another entry would make this page too large, so that it should be divided first. */
  boolean full() {
    return hashes.length >= MAX_SLOTS && size >= MAX_SLOTS / 4 * 3;
  }

  /** Adds an entry; there must be none of the key. */
  void add(int hash, Object key, Object value) {
    if (entries == null) {
      entries = Entries.fitFor(key, value, owned != null, flattening, hashes.length);
    }
    if (!entries.fitsKey(key)) {
      entries = entries.withAnyKey(hashes);
    }
    int slot = claim(marked(hash));
    entries.set(slot, key, value);
    own(slot);
  }

  void set(int slot, Object value) {
    entries.setValue(slot, value);
    own(slot);
  }

  private void own(int slot) {
    if (owned != null && entries.isObject(slot)) {
      owned[slot] = version;
    }
  }

  /** Takes an entry over as it is, from a page that is divided. */
  void adopt(Page from, int slot) {
    if (entries == null) {
      entries = from.entries.empty(hashes.length);
    }
    int claimed = claim(from.hashes[slot]);
    entries.take(from.entries, slot, claimed);
    if (owned != null) {
      owned[claimed] = from.owned[slot];
    }
  }

  /** Makes a free slot one of this hash. */
  private int claim(int hash) {
    if (size >= hashes.length / 4 * 3) {
      grow();
    }
    int slot = freeSlot(hash);
    hashes[slot] = hash;
    size++;
    return slot;
  }

  /** Removes the entry and closes the gap, so that no probe ends early. */
  void remove(int slot) {
    int mask = hashes.length - 1;
    int gap = slot;
    for (int next = (gap + 1) & mask; hashes[next] != 0; next = (next + 1) & mask) {
      int home = hashes[next] & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        move(next, gap);
        gap = next;
      }
    }
    hashes[gap] = 0;
    entries.free(gap);
    size--;
  }

  private void move(int from, int to) {
    hashes[to] = hashes[from];
    entries.take(entries, from, to);
    if (owned != null) {
      owned[to] = owned[from];
    }
  }

  private int freeSlot(int hash) {
    int mask = hashes.length - 1;
    int slot = hash & mask;
    while (hashes[slot] != 0) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    int[] oldHashes = hashes;
    Entries oldEntries = entries;
    int[] oldOwned = owned;
    int slots = oldHashes.length * 2;
    hashes = new int[slots];
    entries = oldEntries.empty(slots);
    owned = oldOwned == null ? null : new int[slots];
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != 0) {
        int slot = freeSlot(oldHashes[i]);
        hashes[slot] = oldHashes[i];
        entries.take(oldEntries, i, slot);
        if (owned != null) {
          owned[slot] = oldOwned[i];
        }
      }
    }
  }
}
