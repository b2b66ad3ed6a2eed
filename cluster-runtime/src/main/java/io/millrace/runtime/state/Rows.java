package io.millrace.runtime.state;

/**
 * Rows of bytes in the order of their unsigned keys, all of one subtask: what a {@link
 * RowStateStore} keeps behind its objects. What was written is seen by the next call. Used by the
 * task's thread only, but for {@link View}.
 *
 * <p>Every call may wait for local disk, and throws {@link LocalStateException} if that fails.
 */
public interface Rows {
  /** The row's value, {@code null} if there is none. */
  byte[] get(byte[] key);

  void put(byte[] key, byte[] value);

  /** Puts bytes behind those that the row has; a row that is not there has none. */
  void append(byte[] key, byte[] value);

  void delete(byte[] key);

  /** For many changes at once, which cost far less together. */
  Batch batch();

  /**
   * Shows rows in order until there is no more, or the visitor has seen enough.
   *
   * @param from first key, whether there is such a row or not
   * @param to the first key that is not shown
   */
  void scan(byte[] from, byte[] to, Visitor visitor);

  /** As {@link #scan}, for rows that will not soon be asked for again: no cache keeps them. */
  void skim(byte[] from, byte[] to, Visitor visitor);

  /** All rows as they are now, while they change. */
  View freeze();

  /**
   * All rows as they are now, in files that share what they can with those of earlier calls. They
   * do not need the rows any more.
   */
  StateFolder capture();

  /**
   * Asks for memory on the heap to keep rows in front of these: what all rows of a slot share
   * beyond what each may have anyway. It is given back when they are closed.
   *
   * @return whether it is there; if not, there is no less later
   */
  default boolean lend(long bytes) {
    return false;
  }

  /** How many rows there are, roughly. */
  long estimatedCount();

  /**
   * What rows take as they are kept, roughly.
   *
   * @param from first key that counts
   * @param to the first key that does not
   */
  long estimatedBytes(byte[] from, byte[] to);

  /** Gives up all rows and what holds them, once every view is closed. */
  void close();

  /**
   * Puts and deletes, of which the later one of the same row counts. They may take place as they
   * come, and have when {@link #write} returns; until then, nobody uses the rows otherwise.
   */
  interface Batch {
    /** Key and value, which lie in that array. */
    void put(byte[] bytes, int key, int keyLength, int value, int valueLength);

    void delete(byte[] bytes, int key, int keyLength);

    void write();
  }

  /** Rows as they were. One thread at a time, any. */
  interface View extends AutoCloseable {
    /** As {@link Rows#scan}. */
    void scan(byte[] from, byte[] to, Visitor visitor);

    /** As often as one likes. */
    @Override
    void close();
  }

  /** Is shown rows; must not change them or use the rows meanwhile. */
  @FunctionalInterface
  interface Visitor {
    /** Whether to show the next row too. */
    boolean row(byte[] key, byte[] value);
  }
}
