package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.plan.FormerPlaces;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Who has which slot: the only place where that is known. */
final class SlotLedger {
  private final boolean shared;
  private final TreeMap<TaskManagerId, Holders> taskManagers = new TreeMap<>();

  /**
   * @param shared whether a TaskManager may have slots of several jobs at a time
   */
  SlotLedger(boolean shared) {
    this.shared = shared;
  }

  private static final class Holders {
    final TaskManagerLocation location;
    final Optional<SlotResources> each;
    final JobId[] bySlot;

    /** Who had each slot last, and has not come back yet to where it was. */
    final JobId[] before;

    boolean suspended;
    boolean leaving;

    Holders(TaskManagerLocation location, int slots, Optional<SlotResources> each) {
      this.location = location;
      this.each = each;
      this.bySlot = new JobId[slots];
      this.before = new JobId[slots];
    }

    boolean mayGetBackAnotherThan(JobId job) {
      return Arrays.stream(before).anyMatch(each -> each != null && !each.equals(job));
    }

    /** Who leaves gets nobody back. */
    boolean isIdle() {
      return isEmpty(bySlot) && (leaving || isEmpty(before));
    }

    private static boolean isEmpty(JobId[] jobs) {
      return Arrays.stream(jobs).allMatch(Objects::isNull);
    }
  }

  /**
   * Enters a TaskManager with free slots; nothing happens if it is known.
   *
   * @param each what each slot is made for; only who needs just that gets it
   */
  void add(TaskManagerLocation location, int slots, Optional<SlotResources> each) {
    taskManagers.computeIfAbsent(location.id(), id -> new Holders(location, slots, each));
  }

  /** What the slots of a TaskManager are made for; nothing special as long as it is unknown. */
  Optional<SlotResources> madeFor(TaskManagerId taskManager) {
    Holders holders = taskManagers.get(taskManager);
    return holders == null ? Optional.empty() : holders.each;
  }

  /** Gives out no slot of a TaskManager for the time being; who has one keeps it. */
  void suspend(TaskManagerId taskManager) {
    suspended(taskManager, true);
  }

  /** Ends {@link #suspend}. */
  void resume(TaskManagerId taskManager) {
    suspended(taskManager, false);
  }

  /** Gives out no slot of a TaskManager any more; who has one keeps it until it moves. */
  void leaves(TaskManagerId taskManager) {
    Holders holders = taskManagers.get(taskManager);
    if (holders != null) {
      holders.leaving = true;
    }
  }

  /** Whether a job could have as many slots of each kind as it has with TaskManagers that stay. */
  boolean couldMove(JobId job) {
    var has = new LinkedHashMap<Optional<SlotResources>, Integer>();
    var room = new LinkedHashMap<Optional<SlotResources>, Integer>();
    for (Holders holders : taskManagers.values()) {
      boolean open = isOpenTo(job, holders);
      for (JobId holder : holders.bySlot) {
        if (job.equals(holder)) {
          has.merge(holders.each, 1, Integer::sum);
        }
        if (open && (holder == null || job.equals(holder))) {
          room.merge(holders.each, 1, Integer::sum);
        }
      }
    }
    return !has.isEmpty()
        && has.keySet().stream().allMatch(each -> room.getOrDefault(each, 0) >= has.get(each));
  }

  private void suspended(TaskManagerId taskManager, boolean suspended) {
    Holders holders = taskManagers.get(taskManager);
    if (holders != null) {
      holders.suspended = suspended;
    }
  }

  /** Strikes a TaskManager out, whoever has its slots. */
  void remove(TaskManagerId taskManager) {
    taskManagers.remove(taskManager);
  }

  /**
   * Gives a job the slots that it needs, in the order of its parts, or none at all: a job that
   * holds some while it waits for others could keep another one waiting for ever. Of each kind
   * first those nearest to where it was, with its local state beside them; last those that other
   * jobs may come back to. Among equals, on as few TaskManagers as their order allows.
   */
  Optional<List<FreeSlot>> take(JobId job, SlotDemand demand) {
    var taken = new ArrayList<FreeSlot>();
    for (SlotDemand.Part part : demand.parts()) {
      List<FreeSlot> some = free(job, part.each(), part.before());
      if (some.size() < part.count()) {
        return Optional.empty();
      }
      taken.addAll(some.subList(0, part.count()));
    }
    forget(job); // where it was before these
    for (FreeSlot slot : taken) {
      taskManagers.get(slot.location().id()).bySlot[slot.slot()] = job;
    }
    return Optional.of(taken);
  }

  /** All that the job may have, the best first. */
  private List<FreeSlot> free(JobId job, Optional<SlotResources> each, FormerPlaces places) {
    var own = new ArrayList<FreeSlot>();
    var nobodys = new ArrayList<FreeSlot>();
    var others = new ArrayList<FreeSlot>();
    for (Holders holders : taskManagers.values()) {
      if (holders.each.equals(each) && isOpenTo(job, holders)) {
        // Where jobs are kept apart, who has one slot keeps others from all.
        boolean awaited = !shared && holders.mayGetBackAnotherThan(job);
        for (int slot = 0; slot < holders.bySlot.length; slot++) {
          if (holders.bySlot[slot] == null) {
            JobId before = holders.before[slot];
            boolean free = before == null && !awaited;
            var rank = job.equals(before) ? own : free ? nobodys : others;
            rank.add(new FreeSlot(holders.location, slot));
          }
        }
      }
    }
    List<FreeSlot> near = places.nearest(Stream.of(own, nobodys).flatMap(List::stream).toList());
    // What the job had, also where it did not get as far as to run there.
    return Stream.of(near, own, nobodys, others).flatMap(List::stream).distinct().toList();
  }

  private boolean isOpenTo(JobId job, Holders holders) {
    boolean others =
        Arrays.stream(holders.bySlot).anyMatch(holder -> holder != null && !holder.equals(job));
    return !holders.suspended && !holders.leaving && (shared || !others);
  }

  /** The slots are the job's: its tasks have been there all the time. */
  void hold(JobId job, List<FreeSlot> slots) {
    for (FreeSlot slot : slots) {
      Holders holders = taskManagers.get(slot.location().id());
      if (holders != null) {
        JobId holder = holders.bySlot[slot.slot()];
        Check.that(
            holder == null || holder.equals(job), "a free slot for " + job + ", found " + holder);
        holders.bySlot[slot.slot()] = job;
      }
    }
  }

  /** Takes back all slots of a job. */
  void release(JobId job) {
    for (Holders holders : taskManagers.values()) {
      for (int slot = 0; slot < holders.bySlot.length; slot++) {
        if (job.equals(holders.bySlot[slot])) {
          holders.bySlot[slot] = null;
          holders.before[slot] = job;
        }
      }
    }
  }

  /** The job does not come back to what it had. */
  void forget(JobId job) {
    for (Holders holders : taskManagers.values()) {
      for (int slot = 0; slot < holders.before.length; slot++) {
        if (job.equals(holders.before[slot])) {
          holders.before[slot] = null;
        }
      }
    }
  }

  /** TaskManagers of which nobody has a slot, and to which no job may come back. */
  List<TaskManagerId> idle() {
    return taskManagers.entrySet().stream()
        .filter(each -> each.getValue().isIdle())
        .map(Map.Entry::getKey)
        .toList();
  }

  int taskManagers() {
    return taskManagers.size();
  }

  int slots() {
    return taskManagers.values().stream().mapToInt(holders -> holders.bySlot.length).sum();
  }

  int freeSlots() {
    int free = 0;
    for (Holders holders : taskManagers.values()) {
      for (JobId holder : holders.bySlot) {
        free += holder == null ? 1 : 0;
      }
    }
    return free;
  }
}
