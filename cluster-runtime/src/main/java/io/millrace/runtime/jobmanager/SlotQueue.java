package io.millrace.runtime.jobmanager;

import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.protocol.JobId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How many slots each job needs, and the jobs that wait for theirs. First come, first served: a job
 * that needs many is not overtaken for ever.
 */
final class SlotQueue {
  private final int slotsEach;
  private final boolean isolated;
  private final TreeMap<JobId, Integer> needed = new TreeMap<>();
  private final LinkedHashMap<JobId, Integer> waiting = new LinkedHashMap<>();

  /** Whose turn it was when somebody last looked for who is overdue, and since when. */
  private Optional<Turn> turn = Optional.empty();

  private record Turn(JobId job, long sinceMillis) {}

  /** A job's turn has come, and these are its. */
  record Grant(JobId job, List<FreeSlot> slots) {}

  /** A job has waited too long. */
  record Overdue(JobId job, String reason) {}

  /**
   * @param slotsEach of a TaskManager that is asked for
   * @param isolated whether no two jobs have slots of the same TaskManager
   */
  SlotQueue(int slotsEach, boolean isolated) {
    this.slotsEach = slotsEach;
    this.isolated = isolated;
  }

  /** Until it is forgotten; whether that is news. */
  boolean needs(JobId job, int slots) {
    return needed.putIfAbsent(job, slots) == null;
  }

  /** The job needs no slots any more. */
  void forget(JobId job) {
    needed.remove(job);
  }

  int wantedTaskManagers() {
    var counts = needed.values().stream().mapToInt(Integer::intValue);
    return isolated
        ? counts.map(count -> (count + slotsEach - 1) / slotsEach).sum()
        : (counts.sum() + slotsEach - 1) / slotsEach;
  }

  /** The job waits for so many. */
  void enter(JobId job, int count) {
    waiting.put(job, count);
  }

  void leave(JobId job) {
    waiting.remove(job);
  }

  List<JobId> waiting() {
    return List.copyOf(waiting.keySet());
  }

  /** Gives the job whose turn it is what it waits for, if that is there. */
  Optional<Grant> grantNext(SlotLedger slots) {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Map.Entry<JobId, Integer> first = waiting.entrySet().iterator().next();
    JobId job = first.getKey();
    Optional<Grant> grant =
        slots.take(job, first.getValue()).map(granted -> new Grant(job, granted));
    grant.ifPresent(each -> waiting.remove(job));
    return grant;
  }

  /**
   * The job whose turn it has been for so long. Whoever waits behind it has not had his turn. To be
   * asked at short intervals.
   */
  Optional<Overdue> overdue(Duration patience, long nowMillis, SlotLedger slots) {
    if (waiting.isEmpty()) {
      turn = Optional.empty();
      return Optional.empty();
    }
    Map.Entry<JobId, Integer> first = waiting.entrySet().iterator().next();
    JobId job = first.getKey();
    if (turn.filter(each -> each.job().equals(job)).isEmpty()) {
      turn = Optional.of(new Turn(job, nowMillis));
    }
    if (nowMillis - turn.get().sinceMillis() < patience.toMillis()) {
      return Optional.empty();
    }
    turn = Optional.empty();
    return Optional.of(
        new Overdue(
            job,
            "the job needs "
                + counted(first.getValue(), "slot")
                + ", and for "
                + patience.toSeconds()
                + " s (slot.request.timeout) the cluster has not had as many free: it has "
                + counted(slots.taskManagers(), "TaskManager")
                + " with "
                + counted(slots.slots(), "slot")
                + ", "
                + slots.freeSlots()
                + " of them free; start more TaskManagers, cancel another job or lower the"
                + " parallelism"));
  }

  private static String counted(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
