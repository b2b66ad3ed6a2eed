package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * How many slots each job needs, and the jobs that wait for theirs. First come, first served, and
 * one that waits again has its place of before. A job that needs many is not overtaken as long as
 * it may still hope; from then on it waits beside the others, and takes what it needs whenever
 * there is so much.
 */
final class SlotQueue {
  private final int slotsEach;
  private final Function<SlotResources, OptionalInt> slotsOf;
  private final boolean isolated;
  private final int spare;

  private final TreeMap<JobId, SlotDemand> needed = new TreeMap<>();
  private final TreeMap<JobId, SlotDemand> waiting = new TreeMap<>();

  /** In which jobs came, whether they need anything now or not. */
  private final LinkedHashSet<JobId> order = new LinkedHashSet<>();

  /**
   * When it was a waiting job's turn for the first time that somebody looked. One that comes back
   * takes its turn from nobody, or those behind both would wait for ever.
   */
  private final TreeMap<JobId, Long> turns = new TreeMap<>();

  /** Whose turn has lasted too long. */
  private final TreeSet<JobId> passed = new TreeSet<>();

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

  /** It is there, whatever it will need; others come after it. */
  void arrives(JobId job) {
    order.add(job);
  }

  /** Until it is forgotten; whether that is news. */
  boolean needs(JobId job, SlotDemand demand) {
    arrives(job);
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
    order.remove(job);
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

  /** The job, which needs slots, waits for these. */
  void enter(JobId job, SlotDemand demand) {
    Check.that(needed.containsKey(job), "a job that needs slots, found " + job);
    leave(job);
    waiting.put(job, here(demand));
  }

  void leave(JobId job) {
    waiting.remove(job);
    turns.remove(job);
    passed.remove(job);
  }

  /** In the order of their turns. */
  List<JobId> waiting() {
    return order.stream().filter(waiting::containsKey).toList();
  }

  private Optional<JobId> first() {
    return waiting().stream().filter(job -> !passed.contains(job)).findFirst();
  }

  /** Those that wait for such slots, among others. */
  List<JobId> waitingFor(Optional<SlotResources> each) {
    return waiting().stream().filter(job -> waiting.get(job).needs(each)).toList();
  }

  /** Gives the job whose turn it is what it waits for, if that is there. */
  Optional<Grant> grantNext(SlotLedger slots) {
    for (JobId job : waiting()) {
      Optional<List<FreeSlot>> granted = slots.take(job, waiting.get(job));
      if (granted.isPresent()) {
        leave(job);
        return Optional.of(new Grant(job, granted.get()));
      } else if (!passed.contains(job)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /**
   * The job whose turn it has been for so long; others may pass it from now on. Whoever waits
   * behind it has not had his turn. To be asked at short intervals.
   */
  Optional<Overdue> overdue(Duration patience, long nowMillis, SlotLedger slots) {
    first().ifPresent(job -> turns.putIfAbsent(job, nowMillis));
    Optional<JobId> late =
        turns.keySet().stream()
            .filter(job -> !passed.contains(job))
            .filter(job -> nowMillis - turns.get(job) >= patience.toMillis())
            .findFirst();
    late.ifPresent(passed::add);
    return late.map(job -> overdue(job, patience, slots));
  }

  private Overdue overdue(JobId job, Duration patience, SlotLedger slots) {
    return new Overdue(
        job,
        "the job needs "
            + counted(waiting.get(job).total(), "slot")
            + ", and for "
            + patience.toSeconds()
            + " s (slot.request.timeout) the cluster has not had as many free: it has "
            + counted(slots.taskManagers(), "TaskManager")
            + " with "
            + counted(slots.slots(), "slot")
            + ", "
            + slots.freeSlots()
            + " of them free");
  }

  private static String counted(int count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
