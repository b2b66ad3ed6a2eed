package io.millrace.api.connector;

/**
 * A split with a name. The readers of a source whose splits have one put each record into the
 * output of its split, so that event time is found split by split.
 */
public interface SourceSplit {
  /**
   * Unique among the splits of the source, and the same for a split and what is left of it after a
   * part was read.
   */
  String splitId();
}
