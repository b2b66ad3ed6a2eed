package io.millrace.api.operator.window;

import io.millrace.api.function.OutputTag;
import io.millrace.api.metrics.Counter;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;

/** Where records go that come after all their windows were forgotten. */
final class LateRecords<T> {
  private final OutputTag<T> tag;
  private final Output<?> output;
  private final Counter dropped;

  /**
   * @param tag null: they are dropped and counted
   */
  LateRecords(OutputTag<T> tag, OperatorContext context, Output<?> output) {
    this.tag = tag;
    this.output = output;
    this.dropped = context.counter(WindowOperators.LATE_RECORDS_DROPPED);
  }

  /** Of records that nobody has any more. */
  void drop(long records) {
    dropped.inc(records);
  }

  void take(T value, long timestamp) {
    if (tag != null) {
      output.output(tag, value, timestamp);
    } else {
      dropped.inc();
    }
  }
}
