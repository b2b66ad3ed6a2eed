package io.millrace.api.operator.window;

import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.OperatorStateStore;

/**
 * Event time that does not fall back at a failure: a record that was late before the checkpoint is
 * late after it too, and a window that has fired does not begin anew. The watermark at the end of
 * all input is not kept, so that a job may go on with more input from its last checkpoint.
 */
final class EventClock {
  private static final String STATE = "window/watermark";

  private final OperatorContext context;
  private ListState<Long> kept;
  private long restored = Timestamps.MIN_WATERMARK;

  EventClock(OperatorContext context) {
    this.context = context;
  }

  /** A union: the keys of a subtask may come from any subtasks of the checkpoint. */
  void restore(OperatorStateStore store) {
    kept = store.getUnionListState(new ListStateDescriptor<>(STATE, Long.class));
    long least = Timestamps.MAX_WATERMARK;
    for (long watermark : kept.get()) {
      // Only what all of them had seen is past for certain.
      least = Math.min(least, watermark);
    }
    restored = least == Timestamps.MAX_WATERMARK ? Timestamps.MIN_WATERMARK : least;
  }

  long watermark() {
    return Math.max(restored, context.currentWatermark());
  }

  /** Puts into the state what the next snapshot is to hold. */
  void keep() {
    long now = watermark();
    kept.clear();
    if (now != Timestamps.MIN_WATERMARK && now != Timestamps.MAX_WATERMARK) {
      kept.add(now);
    }
  }
}
