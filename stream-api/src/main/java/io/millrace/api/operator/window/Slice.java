package io.millrace.api.operator.window;

/** Records of a key in a stretch of time that no window's start or end divides. */
public final class Slice<A> {
  /** Milliseconds since the epoch. */
  public long start;

  /** What the records come to. */
  public A contents;

  public Slice() {}

  Slice(long start) {
    this.start = start;
  }
}
