package io.millrace.runtime.jobmanager;

import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.protocol.AttemptId;
import java.util.TreeMap;

/**
 * How far the source tasks of one generation have come in event time that wait for each other, by
 * group. Nothing of it is durable: whoever has not said anything yet keeps the others waiting, and
 * they all say it again at short intervals.
 */
final class AlignmentGroups {
  private final TreeMap<AttemptId, String> groups = new TreeMap<>();
  private final TreeMap<String, TreeMap<AttemptId, Long>> reached = new TreeMap<>();

  void add(AttemptId attempt, String group) {
    groups.put(attempt, group);
    reached.computeIfAbsent(group, name -> new TreeMap<>()).put(attempt, Timestamps.MIN_WATERMARK);
  }

  /**
   * A task has come so far.
   *
   * @return the lowest watermark of its group; the highest there is if there is nobody to wait for
   */
  long reached(AttemptId attempt, long watermark) {
    String group = groups.get(attempt);
    if (group == null) {
      return Timestamps.MAX_WATERMARK;
    }
    TreeMap<AttemptId, Long> members = reached.get(group);
    members.computeIfPresent(attempt, (member, before) -> watermark);
    return members.values().stream()
        .mapToLong(Long::longValue)
        .min()
        .orElse(Timestamps.MAX_WATERMARK);
  }

  /** Nobody waits for the task any more. */
  void over(AttemptId attempt) {
    String group = groups.get(attempt);
    if (group != null) {
      reached.get(group).remove(attempt);
    }
  }
}
