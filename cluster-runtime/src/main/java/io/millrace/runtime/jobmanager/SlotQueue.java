package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * How many slots each job needs, and the jobs that wait for theirs. First come, first served: a job
 * that needs many is not overtaken for ever.
 */
final class SlotQueue {
  private final int slotsEach;
  private final Function<SlotResources, OptionalInt> slotsOf;
  private final boolean isolated;
  private final int spare;
  private final TreeMap<JobId, SlotDemand> needed = new TreeMap<>();
  private final LinkedHashMap<JobId, SlotDemand> waiting = new LinkedHashMap<>();

  /** Whose turn it was when somebody last looked for who is overdue, and since when. */
  private Optional<Turn> turn = Optional.empty();

  private record Turn(JobId job, long sinceMillis) {}

  /** A job's turn has come, and these are its. */
  record Grant(JobId job, List<FreeSlot> slots) {}

  /** A job has waited too long. */
  record Overdue(JobId job, String reason) {}

  /**
   * @param slotsEach of a TaskManager that is asked for
   * @param slotsOf the same of one that is made to measure; empty if none is, and all are alike
   * @param isolated whether no two jobs have slots of the same TaskManager
   * @param spare TaskManagers of each kind that is needed that shall be there beyond need
   */
  SlotQueue(
      int slotsEach, Function<SlotResources, OptionalInt> slotsOf, boolean isolated, int spare) {
    this.slotsEach = slotsEach;
    this.slotsOf = slotsOf;
    this.isolated = isolated;
    this.spare = spare;
  }

  /** Until it is forgotten; whether that is news. */
  boolean needs(JobId job, SlotDemand demand) {
    return needed.putIfAbsent(job, here(demand)) == null;
  }

  /** Where TaskManagers are all alike, so are slots. */
  private SlotDemand here(SlotDemand demand) {
    boolean measured =
        demand.parts().stream()
            .flatMap(part -> part.each().stream())
            .allMatch(each -> slotsOf.apply(each).isPresent());
    return measured ? demand : demand.madeAlike();
  }

  /** The job needs no slots any more. */
  void forget(JobId job) {
    needed.remove(job);
  }

  /** How many TaskManagers there should be for the jobs, by what these are made for. */
  Map<Optional<SlotResources>, Integer> wantedTaskManagers() {
    var slots = new LinkedHashMap<Optional<SlotResources>, Integer>();
    for (SlotDemand demand : needed.values()) {
      for (SlotDemand.Part part : demand.parts()) {
        int count = isolated ? wholly(part.each(), part.count()) : part.count();
        slots.merge(part.each(), count, Integer::sum);
      }
    }
    slots.replaceAll((each, count) -> count == 0 ? 0 : wholly(each, count) / slotsOf(each) + spare);
    return slots;
  }

  /** The slots of all TaskManagers that have any of these. */
  private int wholly(Optional<SlotResources> each, int slots) {
    int ofOne = slotsOf(each);
    return (slots + ofOne - 1) / ofOne * ofOne;
  }

  private int slotsOf(Optional<SlotResources> each) {
    return each.map(one -> slotsOf.apply(one).orElseThrow()).orElse(slotsEach);
  }

  /** The job waits for these. */
  void enter(JobId job, SlotDemand demand) {
    waiting.put(job, here(demand));
  }

  void leave(JobId job) {
    waiting.remove(job);
  }

  List<JobId> waiting() {
    return List.copyOf(waiting.keySet());
  }

  /** Those that wait for such slots, among others. */
  List<JobId> waitingFor(Optional<SlotResources> each) {
    return waiting().stream().filter(job -> waiting.get(job).needs(each)).toList();
  }

  /** Gives the job whose turn it is what it waits for, if that is there. */
  Optional<Grant> grantNext(SlotLedger slots) {
    if (waiting.isEmpty()) {
      return Optional.empty();
    }
    Map.Entry<JobId, SlotDemand> first = waiting.entrySet().iterator().next();
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
    Map.Entry<JobId, SlotDemand> first = waiting.entrySet().iterator().next();
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
                + counted(first.getValue().total(), "slot")
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
