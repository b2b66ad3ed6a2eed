package io.millrace.api.eventtime;

import java.io.Serializable;

/** Makes a generator for each split of a source, or for each subtask of an operator. */
@FunctionalInterface
public interface WatermarkGeneratorSupplier<T> extends Serializable {
  WatermarkGenerator<T> createWatermarkGenerator(Context context);

  /** What may be asked meanwhile. */
  record Context() {}
}
