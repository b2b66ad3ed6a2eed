package io.millrace.runtime.jobmanager;

import io.millrace.runtime.protocol.TaskManagerId;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/** Since when TaskManagers have been without work. */
final class Idlers {
  private final TreeMap<TaskManagerId, Long> sinceMillis = new TreeMap<>();

  /**
   * Takes who is without work now.
   *
   * @return who has been for that long
   */
  List<TaskManagerId> longerThan(Duration time, List<TaskManagerId> idle, long nowMillis) {
    sinceMillis.keySet().retainAll(idle);
    idle.forEach(id -> sinceMillis.putIfAbsent(id, nowMillis));
    return idle.stream().filter(id -> nowMillis - sinceMillis.get(id) >= time.toMillis()).toList();
  }
}
