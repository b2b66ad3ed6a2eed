package io.millrace.api.window;

import java.io.Serializable;

/** Tells how long a record keeps its session open. */
@FunctionalInterface
public interface SessionWindowTimeGapExtractor<T> extends Serializable {
  /** In milliseconds, at least 1. */
  long extract(T element);

  /** What the extractor says, refused if it makes no session. */
  static <T> long checked(SessionWindowTimeGapExtractor<T> extractor, T element) {
    long gap = extractor.extract(element);
    if (gap < 1) {
      throw new IllegalArgumentException(
          "the gap of a session must be at least 1 ms, found " + gap + " for " + element);
    }
    return gap;
  }
}
