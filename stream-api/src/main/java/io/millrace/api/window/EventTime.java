package io.millrace.api.window;

/** The event time of records that must have one. */
final class EventTime {
  /**
   * @param reachMillis how far from a record's time its windows may start or end, at most
   */
  static long of(long timestamp, long reachMillis) {
    if (timestamp == Long.MIN_VALUE) {
      throw new IllegalStateException(
          "a record without a timestamp came to an event-time window; call"
              + " assignTimestampsAndWatermarks before the window, or use a processing-time window");
    }
    if (timestamp > Long.MAX_VALUE - reachMillis || timestamp < Long.MIN_VALUE + reachMillis) {
      throw new IllegalStateException(
          "a record with the timestamp "
              + timestamp
              + " came to an event-time window, which would reach beyond the times that there are;"
              + " windows that never end, such as those of countWindow, give their results "
              + Long.MAX_VALUE
              + ": call assignTimestampsAndWatermarks before the window");
    }
    return timestamp;
  }

  /** The sum of two lengths, or the greatest there is. */
  static long sum(long millis, long more) {
    return millis > Long.MAX_VALUE - more ? Long.MAX_VALUE : millis + more;
  }

  private EventTime() {}
}
