package io.millrace.api.window;

import java.io.Serializable;

/**
 * Records of one key that are computed on together. A window of one's own needs equality by value
 * and a serializer: a record is both.
 */
public interface Window extends Serializable {
  /** The highest timestamp that belongs to the window, in milliseconds since the epoch. */
  long maxTimestamp();
}
