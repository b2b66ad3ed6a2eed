package io.millrace.runtime.plan;

import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Where each subtask of a region runs.
 *
 * @param locations of the TaskManagers that take part
 * @param placement for each chain and each of its subtasks, the index into {@code locations}
 * @param slots for each chain and each of its subtasks, the slot within that TaskManager
 */
public record ExecutionGraph(
    JobPlan plan,
    int region,
    int generation,
    List<TaskManagerLocation> locations,
    List<List<Integer>> placement,
    List<List<Integer>> slots) {
  public ExecutionGraph {
    locations = List.copyOf(locations);
    placement = placement.stream().map(List::copyOf).toList();
    slots = slots.stream().map(List::copyOf).toList();
  }

  /**
   * Subtask i of every chain of a slot sharing group goes to the group's i-th slot, so that forward
   * edges stay within a slot.
   *
   * @param free as many as the plan needs
   */
  public static ExecutionGraph place(
      JobPlan plan, int region, int generation, List<FreeSlot> free) {
    if (free.size() != plan.slotsNeeded()) {
      throw new IllegalArgumentException(
          "the job needs " + plan.slotsNeeded() + " slots, found " + free.size());
    }
    var firstSlot = new LinkedHashMap<String, Integer>();
    int next = 0;
    for (var group : plan.slotsByGroup().entrySet()) {
      firstSlot.put(group.getKey(), next);
      next += group.getValue();
    }
    var locations = new ArrayList<TaskManagerLocation>();
    var placement = new ArrayList<List<Integer>>();
    var slots = new ArrayList<List<Integer>>();
    for (ChainPlan chain : plan.chains()) {
      var places = new ArrayList<Integer>();
      var indexes = new ArrayList<Integer>();
      for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
        FreeSlot slot = free.get(firstSlot.get(chain.slotSharingGroup()) + subtask);
        if (!locations.contains(slot.location())) {
          locations.add(slot.location());
        }
        places.add(locations.indexOf(slot.location()));
        indexes.add(slot.slot());
      }
      placement.add(places);
      slots.add(indexes);
    }
    return new ExecutionGraph(plan, region, generation, locations, placement, slots);
  }

  public TaskManagerLocation locationOf(int chain, int subtask) {
    return locations.get(placement.get(chain).get(subtask));
  }

  public int slotOf(int chain, int subtask) {
    return slots.get(chain).get(subtask);
  }

  /** Whether anything runs there. */
  public boolean uses(TaskManagerId taskManager) {
    return locations.stream().anyMatch(location -> location.id().equals(taskManager));
  }
}
