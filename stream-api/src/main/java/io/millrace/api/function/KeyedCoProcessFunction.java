package io.millrace.api.function;

import io.millrace.api.operator.TimerDomain;

/** A {@link CoProcessFunction} of two keyed streams: knows the key; both share state and timers. */
public abstract class KeyedCoProcessFunction<K, A, B, O> extends AbstractRichFunction {
  /** A record of the first stream. */
  public abstract void processElement1(A value, Context context, Collector<O> out) throws Exception;

  /** A record of the second stream. */
  public abstract void processElement2(B value, Context context, Collector<O> out) throws Exception;

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

    /** See {@link ProcessFunction.Context#output}. */
    public abstract <X> void output(OutputTag<X> tag, X value);
  }

  /** What may be asked when a timer fires. */
  public abstract class OnTimerContext extends Context {
    public abstract TimerDomain timeDomain();
  }
}
