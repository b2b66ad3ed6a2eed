package io.millrace.api.function;

import io.millrace.api.operator.TimerDomain;

/** A {@link ProcessFunction} behind {@code keyBy}: knows the key, may use its state and timers. */
public abstract class KeyedProcessFunction<K, I, O> extends AbstractRichFunction {
  public abstract void processElement(I value, Context context, Collector<O> out) throws Exception;

  /**
   * A timer of the current key has come due. What is emitted here carries the time of an event-time
   * timer, and no timestamp for one of processing time; {@code context.timestamp()} is the timer's
   * time either way, and so is the timestamp of what goes out at the side.
   */
  public void onTimer(long timeMillis, OnTimerContext context, Collector<O> out) throws Exception {}

  /**
   * What may be asked during a call. An inner class, so that users write {@code Context} without
   * repeating the type of the key.
   */
  public abstract class Context {
    public abstract K getCurrentKey();

    /**
     * Of the record, in milliseconds since the epoch, {@code null} if it has none; the timer's time
     * when one fires.
     */
    public abstract Long timestamp();

    public abstract TimerService timerService();

    /**
     * Puts a record out at the side, with the timestamp that {@link #timestamp} says. If nobody
     * takes this side output the record is dropped.
     *
     * @throws IllegalStateException if the side output is taken with a tag of another type
     */
    public abstract <X> void output(OutputTag<X> tag, X value);
  }

  /** What may be asked when a timer fires. */
  public abstract class OnTimerContext extends Context {
    public abstract TimerDomain timeDomain();
  }
}
