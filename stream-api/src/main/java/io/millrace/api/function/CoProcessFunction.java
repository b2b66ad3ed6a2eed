package io.millrace.api.function;

import io.millrace.api.operator.TimerDomain;

/**
 * The most general function of two streams. If both are keyed it may use state and timers of the
 * record's key, which both streams share. Records of the two streams come in no particular order;
 * event time is the lower watermark of both.
 */
public abstract class CoProcessFunction<A, B, O> extends AbstractRichFunction {
  /** A record of the first stream. */
  public abstract void processElement1(A value, Context context, Collector<O> out) throws Exception;

  /** A record of the second stream. */
  public abstract void processElement2(B value, Context context, Collector<O> out) throws Exception;

  /**
   * A timer has come due. What is emitted here carries the time of an event-time timer, and no
   * timestamp for one of processing time; {@code context.timestamp()} is the timer's time either
   * way, and so is the timestamp of what goes out at the side.
   */
  public void onTimer(long timeMillis, OnTimerContext context, Collector<O> out) throws Exception {}

  /** What may be asked during a call. */
  public interface Context extends ProcessFunction.Context {}

  /** What may be asked when a timer fires. */
  public interface OnTimerContext extends Context {
    TimerDomain timeDomain();
  }
}
