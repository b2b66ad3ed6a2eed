package io.millrace.api.operator;

import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.state.OperatorStateStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Event time that does not fall back at a failure: a record that was late before the checkpoint is
 * late after it too, and a window that has fired does not begin anew. The watermark at the end of
 * all input is not kept, so that a job may go on with more input from its last checkpoint.
 *
 * <p>After a change of parallelism a subtask may have taken over keys of several, which had come
 * differently far. Timers wait for the least of them; but whether a record is late is decided by
 * what the subtask had seen that had its key.
 */
public final class EventClock {
  private final String name;
  private final OperatorContext context;
  private ListState<Reached> kept;
  private long restored = Timestamps.MIN_WATERMARK;

  /** How far those had come whose groups are here now; empty once this subtask is as far. */
  private List<Reached> ahead = List.of();

  /**
   * How far a subtask had come. One that has seen no watermark says so too: with barriers that
   * overtake, others may have seen theirs, while records that are early enough wait for this one.
   */
  private record Reached(int firstGroup, int lastGroup, long watermark) {
    KeyGroupRange groups() {
      return new KeyGroupRange(firstGroup, lastGroup);
    }

    Reached within(KeyGroupRange range) {
      return new Reached(
          Math.max(firstGroup, range.first()), Math.min(lastGroup, range.last()), watermark);
    }
  }

  /**
   * @param name of its state, which is no key's
   */
  public EventClock(OperatorContext context, String name) {
    this.context = context;
    this.name = name;
  }

  /** A union: the keys of a subtask may come from any subtasks of the checkpoint. */
  public void restore(OperatorStateStore store) {
    kept = store.getUnionListState(new ListStateDescriptor<>(name, Reached.class));
    KeyGroupRange mine = context.keyGroups();
    var here = new ArrayList<Reached>();
    for (Reached each : kept.get()) {
      if (each.groups().overlaps(mine)) {
        here.add(each.within(mine));
      }
    }
    // Only what all of them had seen is past for certain.
    restored = here.stream().mapToLong(Reached::watermark).min().orElse(restored);
    here.sort(Comparator.comparingInt(Reached::firstGroup));
    ahead = here;
    dropReached();
  }

  /** What the state had come to; {@link Timestamps#MIN_WATERMARK} on a first start. */
  public long restored() {
    return restored;
  }

  /** Event time for the current key. */
  public long watermark() {
    long now = ofAll();
    if (ahead.isEmpty()) {
      return now;
    }
    dropReached();
    int group = context.keyed().currentKeyGroup();
    for (Reached each : ahead) {
      if (each.firstGroup <= group && group <= each.lastGroup) {
        return Math.max(now, each.watermark);
      }
    }
    return now;
  }

  private long ofAll() {
    return Math.max(restored, context.currentWatermark());
  }

  private void dropReached() {
    long now = ofAll();
    for (Reached one : ahead) {
      if (one.watermark <= now) {
        ahead = ahead.stream().filter(each -> each.watermark > now).toList();
        return;
      }
    }
  }

  /** Puts into the state what the next snapshot is to hold. */
  public void keep() {
    dropReached();
    kept.clear();
    long now = ofAll();
    if (now == Timestamps.MAX_WATERMARK) {
      return;
    }
    KeyGroupRange mine = context.keyGroups();
    int next = mine.first();
    for (Reached each : ahead) {
      keep(next, each.firstGroup - 1, now);
      kept.add(each);
      next = each.lastGroup + 1;
    }
    keep(next, mine.last(), now);
  }

  private void keep(int firstGroup, int lastGroup, long watermark) {
    if (firstGroup <= lastGroup) {
      kept.add(new Reached(firstGroup, lastGroup, watermark));
    }
  }
}
