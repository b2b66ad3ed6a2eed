package io.millrace.api.window;

import java.io.Serializable;

/** A distance between two records. */
@FunctionalInterface
public interface DeltaFunction<T> extends Serializable {
  double getDelta(T oldDataPoint, T newDataPoint);
}
