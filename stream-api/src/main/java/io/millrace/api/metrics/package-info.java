/**
 * What functions measure while they run: made in {@link io.millrace.api.metrics.MetricGroup}s, read
 * as a whole by the engine, of the task's thread only. Metrics count for one attempt; what must
 * survive a failure is an accumulator.
 */
package io.millrace.api.metrics;
