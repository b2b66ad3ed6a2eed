package io.millrace.api.operator;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;

/** Gives everything that is emitted during a call the same timestamp. */
final class StampingCollector<T> implements Collector<T> {
  private final Output<T> output;
  private long timestamp = Timestamps.NONE;

  StampingCollector(Output<T> output) {
    this.output = output;
  }

  StampingCollector<T> at(long timestamp) {
    this.timestamp = timestamp;
    return this;
  }

  /** For a call of {@code onTimer}: a time of the wall clock is no event time. */
  StampingCollector<T> at(TimerDomain domain, long time) {
    return at(domain == TimerDomain.EVENT_TIME ? time : Timestamps.NONE);
  }

  /** As functions see it. */
  Long timestampOrNull() {
    return timestamp == Timestamps.NONE ? null : timestamp;
  }

  @Override
  public void collect(T value) {
    output.collect(value, timestamp);
  }

  <X> void output(OutputTag<X> tag, X value) {
    output.output(tag, value, timestamp);
  }
}
