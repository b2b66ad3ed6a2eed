package io.millrace.api.metrics;

/** Something that is measured: {@link Counter}, {@link Gauge}, {@link Meter}, {@link Histogram}. */
public interface Metric {}
