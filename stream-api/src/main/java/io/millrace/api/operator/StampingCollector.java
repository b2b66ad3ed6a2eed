package io.millrace.api.operator;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;

/** Gives everything that is emitted during a call the same timestamp. */
final class StampingCollector<T> implements Collector<T> {
  private final Output<T> output;
  private long timestamp = Timestamps.NONE;

  /** That of the record, or the timer's time by whichever clock. */
  private long moment = Timestamps.NONE;

  StampingCollector(Output<T> output) {
    this.output = output;
  }

  StampingCollector<T> at(long timestamp) {
    this.timestamp = timestamp;
    moment = timestamp;
    return this;
  }

  /**
   * For a call of {@code onTimer}: a time of the wall clock is no event time. Functions see it all
   * the same, and side outputs carry it, as in the DataStream API.
   */
  StampingCollector<T> at(TimerDomain domain, long time) {
    timestamp = domain == TimerDomain.EVENT_TIME ? time : Timestamps.NONE;
    moment = time;
    return this;
  }

  /** As functions see it. */
  Long timestampOrNull() {
    return moment == Timestamps.NONE ? null : moment;
  }

  @Override
  public void collect(T value) {
    output.collect(value, timestamp);
  }

  <X> void output(OutputTag<X> tag, X value) {
    output.output(tag, value, moment);
  }
}
