package io.millrace.runtime.jobmanager;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

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
    boolean suspended;
    boolean leaving;

    Holders(TaskManagerLocation location, int slots, Optional<SlotResources> each) {
      this.location = location;
      this.each = each;
      this.bySlot = new JobId[slots];
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
   * Gives a job the slots that it needs, in the order of its parts, on as few TaskManagers as their
   * order allows, or none at all: a job that holds some while it waits for others could keep
   * another one waiting for ever.
   */
  Optional<List<FreeSlot>> take(JobId job, SlotDemand demand) {
    var free = new ArrayList<FreeSlot>();
    for (SlotDemand.Part part : demand.parts()) {
      List<FreeSlot> some = free(job, part);
      if (some.size() < part.count()) {
        return Optional.empty();
      }
      free.addAll(some);
    }
    for (FreeSlot slot : free) {
      taskManagers.get(slot.location().id()).bySlot[slot.slot()] = job;
    }
    return Optional.of(free);
  }

  private List<FreeSlot> free(JobId job, SlotDemand.Part part) {
    var free = new ArrayList<FreeSlot>();
    for (Holders holders : taskManagers.values()) {
      if (holders.each.equals(part.each()) && isOpenTo(job, holders)) {
        for (int slot = 0; slot < holders.bySlot.length && free.size() < part.count(); slot++) {
          if (holders.bySlot[slot] == null) {
            free.add(new FreeSlot(holders.location, slot));
          }
        }
      }
    }
    return free;
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
        }
      }
    }
  }

  /** TaskManagers of which nobody has a slot. */
  List<TaskManagerId> idle() {
    var idle = new ArrayList<TaskManagerId>();
    taskManagers.forEach(
        (id, holders) -> {
          if (Arrays.stream(holders.bySlot).allMatch(Objects::isNull)) {
            idle.add(id);
          }
        });
    return idle;
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
