package io.millrace.api.accumulator;

import java.io.Serializable;

/** An accumulator whose result is of the type of what is added. */
public interface SimpleAccumulator<T extends Serializable> extends Accumulator<T, T> {}
