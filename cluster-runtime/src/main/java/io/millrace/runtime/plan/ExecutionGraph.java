package io.millrace.runtime.plan;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

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
   * edges stay within a slot. Each slot is one of the TaskManager where those subtasks were before,
   * else of one on the same host, as far as there is one.
   *
   * @param slots as many as the plan needs, those of each kind in the order of its {@link
   *     SlotDemand}
   */
  public static ExecutionGraph place(
      JobPlan plan, int region, int generation, List<FreeSlot> slots, Homes homes) {
    if (slots.size() != plan.slotsNeeded()) {
      throw new IllegalArgumentException(
          "the job needs " + plan.slotsNeeded() + " slots, found " + slots.size());
    }
    return place(plan, region, generation, atHome(plan, slots, homes));
  }

  private static ExecutionGraph place(
      JobPlan plan, int region, int generation, List<FreeSlot> free) {
    var firstSlot = new LinkedHashMap<String, Integer>();
    int next = 0;
    for (var group : plan.slotsByGroup().entrySet()) {
      firstSlot.put(group.getKey(), next);
      next += group.getValue();
    }
    var locations = new LinkedHashMap<TaskManagerLocation, Integer>();
    var placement = new ArrayList<List<Integer>>();
    var slots = new ArrayList<List<Integer>>();
    for (ChainPlan chain : plan.chains()) {
      var places = new ArrayList<Integer>();
      var indexes = new ArrayList<Integer>();
      for (int subtask = 0; subtask < chain.parallelism(); subtask++) {
        FreeSlot slot = free.get(firstSlot.get(chain.slotSharingGroup()) + subtask);
        locations.putIfAbsent(slot.location(), locations.size());
        places.add(locations.get(slot.location()));
        indexes.add(slot.slot());
      }
      placement.add(places);
      slots.add(indexes);
    }
    return new ExecutionGraph(
        plan, region, generation, List.copyOf(locations.keySet()), placement, slots);
  }

  /** The slots in the order in which groups take them, each where its subtasks were if possible. */
  private static List<FreeSlot> atHome(JobPlan plan, List<FreeSlot> slots, Homes homes) {
    var kinds = new LinkedHashMap<Optional<SlotResources>, Iterator<FreeSlot>>();
    int next = 0;
    for (SlotDemand.Part part : plan.demand(homes).parts()) {
      List<FreeSlot> some = slots.subList(next, next += part.count());
      kinds.put(part.each(), part.before().arrange(some).iterator());
    }
    var taken = new ArrayList<FreeSlot>();
    for (var group : plan.slotsByGroup().entrySet()) {
      Iterator<FreeSlot> kind =
          kinds.get(Optional.ofNullable(plan.graph().slots().get(group.getKey())));
      for (int subtask = 0; subtask < group.getValue(); subtask++) {
        taken.add(kind.next());
      }
    }
    return taken;
  }

  public TaskManagerLocation locationOf(int chain, int subtask) {
    return locations.get(placement.get(chain).get(subtask));
  }

  public int slotOf(int chain, int subtask) {
    return slots.get(chain).get(subtask);
  }
}
