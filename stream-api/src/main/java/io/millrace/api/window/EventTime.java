package io.millrace.api.window;

/** The event time of records that must have one. */
final class EventTime {
  static long of(long timestamp) {
    if (timestamp == Long.MIN_VALUE) {
      throw new IllegalStateException(
          "a record without a timestamp came to an event-time window; call"
              + " assignTimestampsAndWatermarks before the window, or use a processing-time window");
    }
    return timestamp;
  }

  private EventTime() {}
}
