package io.millrace.api.operator.window;

import io.millrace.api.operator.KeyGroupRange;
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
  private static final String STATE = "window/event-time";

  private final OperatorContext context;
  private ListState<Reached> kept;
  private long restored = Timestamps.MIN_WATERMARK;

  /**
   * How far a subtask had come. One that has seen no watermark says so too: with barriers that
   * overtake, others may have seen theirs, while records that are early enough wait for this one.
   */
  private record Reached(int firstGroup, int lastGroup, long watermark) {
    KeyGroupRange groups() {
      return new KeyGroupRange(firstGroup, lastGroup);
    }
  }

  EventClock(OperatorContext context) {
    this.context = context;
  }

  /** A union: the keys of a subtask may come from any subtasks of the checkpoint. */
  void restore(OperatorStateStore store) {
    kept = store.getUnionListState(new ListStateDescriptor<>(STATE, Reached.class));
    long least = Timestamps.MAX_WATERMARK;
    for (Reached each : kept.get()) {
      if (each.groups().overlaps(context.keyGroups())) {
        // Only what all of them had seen is past for certain.
        least = Math.min(least, each.watermark);
      }
    }
    restored = least == Timestamps.MAX_WATERMARK ? Timestamps.MIN_WATERMARK : least;
  }

  /** What the state had come to; {@link Timestamps#MIN_WATERMARK} on a first start. */
  long restored() {
    return restored;
  }

  long watermark() {
    return Math.max(restored, context.currentWatermark());
  }

  /** Puts into the state what the next snapshot is to hold. */
  void keep() {
    long now = watermark();
    kept.clear();
    if (now != Timestamps.MAX_WATERMARK) {
      KeyGroupRange mine = context.keyGroups();
      kept.add(new Reached(mine.first(), mine.last(), now));
    }
  }
}
