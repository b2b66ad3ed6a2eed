package io.millrace.runtime.jobmanager;

import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.Arrays;
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
    final JobId[] bySlot;
    boolean suspended;
    boolean leaving;

    Holders(TaskManagerLocation location, int slots) {
      this.location = location;
      this.bySlot = new JobId[slots];
    }
  }

  /** Enters a TaskManager with free slots; nothing happens if it is known. */
  void add(TaskManagerLocation location, int slots) {
    taskManagers.computeIfAbsent(location.id(), id -> new Holders(location, slots));
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

  /** Whether a job could have as many slots as it has with TaskManagers that stay. */
  boolean couldMove(JobId job) {
    int has = 0;
    int room = 0;
    for (Holders holders : taskManagers.values()) {
      boolean open = isOpenTo(job, holders);
      for (JobId holder : holders.bySlot) {
        has += job.equals(holder) ? 1 : 0;
        room += open && (holder == null || job.equals(holder)) ? 1 : 0;
      }
    }
    return has > 0 && room >= has;
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
   * Gives a job so many slots, on as few TaskManagers as their order allows, or none at all: a job
   * that holds some while it waits for others could keep another one waiting for ever.
   */
  Optional<List<FreeSlot>> take(JobId job, int count) {
    var free = new ArrayList<FreeSlot>();
    for (Holders holders : taskManagers.values()) {
      for (int slot = 0; slot < holders.bySlot.length && free.size() < count; slot++) {
        if (holders.bySlot[slot] == null && isOpenTo(job, holders)) {
          free.add(new FreeSlot(holders.location, slot));
        }
      }
    }
    if (free.size() < count) {
      return Optional.empty();
    }
    for (FreeSlot slot : free) {
      taskManagers.get(slot.location().id()).bySlot[slot.slot()] = job;
    }
    return Optional.of(free);
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
