package io.millrace.benchmarks.jet;

import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.BroadcastKey;
import com.hazelcast.jet.core.Watermark;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;

/**
 * Emits every p-th event, and to those who want event time a watermark as often as windows can end.
 */
final class EventSource extends AbstractProcessor {
  private final long events;
  private final boolean timed;

  private long next;
  private long watermark;
  private Object pending;

  EventSource(long events, boolean timed) {
    this.events = events;
    this.timed = timed;
  }

  @Override
  protected void init(Context context) {
    next = context.globalProcessorIndex();
  }

  @Override
  public boolean complete() {
    if (pending != null) {
      if (!tryEmit(pending)) {
        return false;
      }
      pending = null;
    }
    while (next < events) {
      Event event = EventGenerator.event(next);
      if (timed && event.time >= watermark + Workload.SLIDE_MILLIS) {
        watermark = event.time - event.time % Workload.SLIDE_MILLIS;
        if (!tryEmit(new Watermark(watermark))) {
          pending = new Watermark(watermark);
          return false;
        }
      }
      next += Workload.PARALLELISM;
      if (!tryEmit(event)) {
        pending = event;
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean saveToSnapshot() {
    return tryEmitToSnapshot(BroadcastKey.broadcastKey(next % Workload.PARALLELISM), next);
  }

  @Override
  protected void restoreFromSnapshot(Object key, Object value) {
    throw new IllegalStateException("a run in which something failed is not worth its figures");
  }
}
