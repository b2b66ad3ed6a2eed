package io.millrace.api.eventtime;

import java.io.Serializable;

/** Makes an assigner for each subtask; for assigners that cannot be sent. */
@FunctionalInterface
public interface TimestampAssignerSupplier<T> extends Serializable {
  TimestampAssigner<T> createTimestampAssigner(Context context);

  /** What may be asked meanwhile. */
  record Context() {}
}
