package io.millrace.api.function;

import io.millrace.api.operator.TimerDomain;

/**
 * The most general function of a stream: sees timestamps and time, emits any number of records.
 * Behind a {@code keyBy} it may use state and timers of the record's key.
 */
public abstract class ProcessFunction<I, O> extends AbstractRichFunction {
  public abstract void processElement(I value, Context context, Collector<O> out) throws Exception;

  /**
   * A timer has come due. What is emitted here carries the time of an event-time timer, and no
   * timestamp for one of processing time; {@code context.timestamp()} is the timer's time either
   * way, and so is the timestamp of what goes out at the side.
   */
  public void onTimer(long timeMillis, OnTimerContext context, Collector<O> out) throws Exception {}

  /** What may be asked during a call. */
  public interface Context {
    /**
     * Of the record, in milliseconds since the epoch, {@code null} if it has none; the timer's time
     * when one fires.
     */
    Long timestamp();

    TimerService timerService();

    /**
     * Puts a record out at the side, with the timestamp that {@link #timestamp} says. If nobody
     * takes this side output the record is dropped.
     *
     * @throws IllegalStateException if the side output is taken with a tag of another type
     */
    <X> void output(OutputTag<X> tag, X value);
  }

  /** What may be asked when a timer fires. */
  public interface OnTimerContext extends Context {
    TimerDomain timeDomain();
  }
}
