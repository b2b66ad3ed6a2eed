package io.millrace.runtime.plan;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The slots that a job needs, by what each of them is made for.
 *
 * @param parts of different kinds, in the order in which a job is given them
 */
public record SlotDemand(List<Part> parts) {
  public SlotDemand {
    parts = List.copyOf(parts);
  }

  /**
   * Slots of one kind.
   *
   * @param each what each is made for; empty if any slot will do that is made for nothing special
   * @param before where each of them was
   */
  public record Part(Optional<SlotResources> each, FormerPlaces before) {
    public int count() {
      return before.each().size();
    }
  }

  /** Of slots that are all alike. */
  public static SlotDemand alike(int count) {
    return new SlotDemand(List.of(new Part(Optional.empty(), FormerPlaces.unknown(count))));
  }

  static SlotDemand of(JobPlan plan, Homes homes) {
    var places = new LinkedHashMap<Optional<SlotResources>, List<Optional<TaskManagerLocation>>>();
    plan.slotsByGroup()
        .forEach(
            (group, count) -> {
              Optional<SlotResources> each = Optional.ofNullable(plan.graph().slots().get(group));
              for (int subtask = 0; subtask < count; subtask++) {
                places
                    .computeIfAbsent(each, kind -> new ArrayList<>())
                    .add(home(plan, group, subtask, homes));
              }
            });
    return new SlotDemand(
        places.entrySet().stream()
            .map(kind -> new Part(kind.getKey(), new FormerPlaces(kind.getValue())))
            .toList());
  }

  private static Optional<TaskManagerLocation> home(
      JobPlan plan, String group, int subtask, Homes homes) {
    return plan.chains().stream()
        .filter(chain -> chain.slotSharingGroup().equals(group) && subtask < chain.parallelism())
        .flatMap(chain -> homes.of(chain.index(), subtask).stream())
        .findFirst();
  }

  /** The same, of slots that are all alike. */
  public SlotDemand madeAlike() {
    var all = parts.stream().flatMap(part -> part.before().each().stream()).toList();
    return new SlotDemand(List.of(new Part(Optional.empty(), new FormerPlaces(all))));
  }

  /** Slots of all kinds. */
  public int total() {
    return parts.stream().mapToInt(Part::count).sum();
  }

  public boolean needs(Optional<SlotResources> each) {
    return parts.stream().anyMatch(part -> part.each().equals(each));
  }
}
