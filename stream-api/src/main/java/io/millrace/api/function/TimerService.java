package io.millrace.api.function;

/**
 * Time, and timers of the current key. All times are in milliseconds since the epoch. Setting and
 * deleting timers needs a {@code keyBy} in front of the operator, else IllegalStateException.
 */
public interface TimerService {
  /**
   * The wall clock of the machine as it is now: it goes on within one call, and never back. Of a
   * timer that fires it is at least the time.
   */
  long currentProcessingTime();

  /** The watermark, {@code Long.MIN_VALUE} before the first one. */
  long currentWatermark();

  /** Fires once the watermark reaches the time; the same time twice is one timer. */
  void registerEventTimeTimer(long timeMillis);

  /**
   * Fires once the wall clock has reached the time and that millisecond is over; the same time
   * twice is one timer.
   */
  void registerProcessingTimeTimer(long timeMillis);

  /**
   * Takes back the event-time timer that the current key has at exactly that time, also from within
   * another timer that fires at the same watermark; does nothing if there is none, or it has fired.
   */
  void deleteEventTimeTimer(long timeMillis);

  /** Like {@link #deleteEventTimeTimer}, of the timers by the wall clock. */
  void deleteProcessingTimeTimer(long timeMillis);
}
