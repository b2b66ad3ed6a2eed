package io.millrace.api.connector;

/** Where a reader puts its records. */
public interface ReaderOutput<T> {
  /** A record without a timestamp. */
  void collect(T value);

  /** A record with an event time in milliseconds since the epoch. */
  void collect(T value, long timestamp);

  /** See {@link io.millrace.api.operator.Output#watermark}. */
  void watermark(long watermark);
}
