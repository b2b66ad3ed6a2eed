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
   * timestamp for one of processing time.
   */
  public void onTimer(long timeMillis, OnTimerContext context, Collector<O> out) throws Exception {}

  /** What may be asked during a call. */
  public interface Context {
    /** Event time in milliseconds since the epoch, {@code null} if the record has none. */
    Long timestamp();

    TimerService timerService();

    /**
     * Puts a record out at the side, with the timestamp that a record collected now would have. If
     * nobody takes this side output the record is dropped.
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
