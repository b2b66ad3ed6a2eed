package io.millrace.api.operator.window;

import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Timestamps;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Event time that does not fall back at a failure: a record that was late before the checkpoint is
 * late after it too, and a window that has fired does not begin anew. The watermark at the end of
 * all input is not kept, so that a job may go on with more input from its last checkpoint.
 */
final class EventClock {
  private final OperatorContext context;
  private long restored = Timestamps.MAX_WATERMARK;

  EventClock(OperatorContext context) {
    this.context = context;
    for (byte[] entry : context.restored()) {
      // Entries of several subtasks: only what all of them had seen is past for certain.
      restored = Math.min(restored, ByteBuffer.wrap(entry).getLong());
    }
    if (context.restored().isEmpty()) {
      restored = Timestamps.MIN_WATERMARK;
    }
  }

  long watermark() {
    return Math.max(restored, context.currentWatermark());
  }

  Frozen snapshot() {
    long now = watermark();
    boolean known = now != Timestamps.MIN_WATERMARK && now != Timestamps.MAX_WATERMARK;
    return known
        ? Frozen.of(List.of(ByteBuffer.allocate(Long.BYTES).putLong(now).array()))
        : Frozen.NOTHING;
  }
}
