package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.List;
import java.util.NavigableSet;

/**
 * What a claimer takes over of the facts of lower epochs, and how it reads them. Belongs to one
 * claim.
 *
 * @param <T> what it comes to
 */
interface Inheritance<T> {
  /** Whether a fact is moved into the new epoch; asked for each that is found. */
  boolean keeps(String name);

  /** Takes away what of the kept names is outdated by others of them. */
  void thinOut(NavigableSet<String> kept);

  /**
   * @param facts names of all that is kept and now in the new epoch, sorted
   */
  Procedure<T> read(Epoch mine, List<String> facts);

  /** Whether there are state files beside such facts at all. */
  boolean hasData();

  /** Whether state files may still be written. */
  boolean needsData(T inherited);
}
