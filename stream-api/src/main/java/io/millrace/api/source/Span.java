package io.millrace.api.source;

import io.millrace.api.connector.SourceSplit;

/**
 * Numbers that are still to be read: {@code next}, {@code next + step}, … {@code remaining} of
 * them.
 *
 * @param lane which of the first readers it was made for, from 0
 */
record Span(int lane, long next, long step, long remaining) implements SourceSplit {
  @Override
  public String splitId() {
    return "lane " + lane;
  }

  Span advanced(long read) {
    // Wraps only behind the last number of all, which nobody reads.
    return new Span(lane, next + step * read, step, remaining - read);
  }
}
