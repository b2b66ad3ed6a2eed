package io.millrace.api.connector;

import java.util.Optional;

/** Finds splits and gives each to one reader. One thread calls it. */
public interface SplitEnumerator<S> {
  /**
   * A reader has nothing left to read and asks.
   *
   * @return a split that is now the reader's; empty if there is none for it now or ever ({@link
   *     #finishedFor} tells which)
   */
  Optional<S> next(int reader) throws Exception;

  /** Whether the reader will never get a split again; it then ends once it has read what it has. */
  boolean finishedFor(int reader);

  /** The splits that nobody has yet, in whatever form the source restores from. */
  byte[] snapshot() throws Exception;

  default void close() throws Exception {}
}
