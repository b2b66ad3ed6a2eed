package io.millrace.api.function;

import io.millrace.api.operator.Counter;

/** The metrics of one operator's subtask. They count for one attempt, unlike accumulators. */
public interface MetricGroup {
  /** The counter of that name, made when it is first asked for; of the task's thread only. */
  Counter counter(String name);
}
