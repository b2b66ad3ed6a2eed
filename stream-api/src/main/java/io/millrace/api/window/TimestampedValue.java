package io.millrace.api.window;

/**
 * A record in a window, with its time.
 *
 * @param timestamp event time in milliseconds since the epoch, {@code Long.MIN_VALUE} if it has
 *     none
 */
public record TimestampedValue<T>(T value, long timestamp) {
  /** A record without event time. */
  public TimestampedValue(T value) {
    this(value, Long.MIN_VALUE);
  }

  public T getValue() {
    return value;
  }

  /** Milliseconds since the epoch. */
  public long getTimestamp() {
    return timestamp;
  }

  public boolean hasTimestamp() {
    return timestamp != Long.MIN_VALUE;
  }
}
