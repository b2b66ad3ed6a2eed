package io.millrace.api.operator;

/** Marks in the time line of records and watermarks, in milliseconds since the epoch. */
public final class Timestamps {
  /** The timestamp of a record that has none. */
  public static final long NONE = Long.MIN_VALUE;

  /** The watermark before the first one. */
  public static final long MIN_WATERMARK = Long.MIN_VALUE;

  /** The watermark at the end of bounded input: fires every event-time timer. */
  public static final long MAX_WATERMARK = Long.MAX_VALUE;

  private Timestamps() {}
}
