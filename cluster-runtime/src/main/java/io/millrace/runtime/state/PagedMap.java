package io.millrace.runtime.state;

import io.millrace.api.state.Flattening;
import java.util.function.UnaryOperator;

/**
 * One state's entries within one key group: pages found through a directory by the leading bits of
 * the hash (extendible hashing, Fagin et al. 1979). Nothing is copied at a freeze but the reference
 * to the directory.
 */
final class PagedMap {
  /** Beyond this, pages of keys with equal hashes grow instead of being divided. */
  private static final int MAX_DEPTH = 24;

  private final Versions versions;

  /** Copies a mutable value; null for immutable ones. */
  private final UnaryOperator<Object> copier;

  private final Flattening<Object> flattening;

  private Page[] directory;
  private int directoryVersion;
  private int directoryDepth;
  private int size;

  /**
   * @param flattening how values are kept as numbers; {@code null} if nobody has said how
   */
  PagedMap(Versions versions, UnaryOperator<Object> copier, Flattening<Object> flattening) {
    this.versions = versions;
    this.copier = copier;
    this.flattening = flattening;
    this.directoryVersion = versions.current();
    this.directory = new Page[] {page(0)};
  }

  private Page page(int depth) {
    return new Page(versions.current(), depth, copier != null, flattening);
  }

  int size() {
    return size;
  }

  /** The value, which the caller may change only if values are mutable. */
  Object get(int hash, Object key) {
    Page page = directory[index(hash)];
    int slot = page.find(hash, key);
    if (slot < 0) {
      return null;
    }
    if (copier != null && page.lendsOut(slot, versions.protectedUpTo())) {
      // A writer still reads this value: the caller gets a copy, and from now on that is the value.
      Page own = writable(hash, page);
      Object copy = copier.apply(own.value(slot));
      own.set(slot, copy);
      return copy;
    }
    return page.value(slot);
  }

  /** Looks at where a key of the hash would be, as {@link #get} will; the answer means nothing. */
  long touch(int hash) {
    return directory[index(hash)].touch(hash);
  }

  void put(int hash, Object key, Object value) {
    Page page = writable(hash, directory[index(hash)]);
    int slot = page.find(hash, key);
    if (slot >= 0) {
      page.set(slot, value);
      return;
    }
    while (page.full() && page.depth < MAX_DEPTH) {
      divide(hash, page);
      page = directory[index(hash)];
    }
    size++;
    page.add(hash, key, value);
  }

  void remove(int hash, Object key) {
    Page page = directory[index(hash)];
    int slot = page.find(hash, key);
    if (slot >= 0) {
      writable(hash, page).remove(slot); // a copy has it in the same place
      size--;
    }
  }

  /**
   * The pages as they are now, each once or several times in a row; not to be changed by anyone
   * while the freeze lasts.
   */
  Page[] frozen() {
    return directory;
  }

  private int index(int hash) {
    return directoryDepth == 0 ? 0 : hash >>> (32 - directoryDepth);
  }

  /** The page itself if no writer reads it, else a copy that takes its place. */
  private Page writable(int hash, Page page) {
    if (page.version > versions.protectedUpTo()) {
      return page;
    }
    Page copy = page.copy(versions.current());
    replace(hash, page, copy, copy);
    return copy;
  }

  private void divide(int hash, Page page) {
    if (page.depth == directoryDepth) {
      doubleDirectory();
    }
    Page low = page(page.depth + 1);
    Page high = page(page.depth + 1);
    int bit = 31 - page.depth;
    for (int slot = 0; slot < page.slots(); slot++) {
      if (!page.isFree(slot)) {
        ((page.hash(slot) >>> bit & 1) == 0 ? low : high).adopt(page, slot);
      }
    }
    replace(hash, page, low, high);
  }

  /**
   * Puts pages in all places of the directory where one was: the first half and the second half of
   * them.
   */
  private void replace(int hash, Page page, Page low, Page high) {
    if (directoryVersion <= versions.protectedUpTo()) {
      directory = directory.clone();
      directoryVersion = versions.current();
    }
    int places = 1 << (directoryDepth - page.depth);
    int first = index(hash) & -places;
    for (int i = 0; i < places; i++) {
      directory[first + i] = i < (places + 1) / 2 ? low : high;
    }
  }

  private void doubleDirectory() {
    var twice = new Page[directory.length * 2];
    for (int i = 0; i < directory.length; i++) {
      twice[2 * i] = directory[i];
      twice[2 * i + 1] = directory[i];
    }
    directory = twice;
    directoryVersion = versions.current();
    directoryDepth++;
  }
}
