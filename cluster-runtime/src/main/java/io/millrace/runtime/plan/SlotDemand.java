package io.millrace.runtime.plan;

import io.millrace.api.graph.SlotResources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   */
  public record Part(Optional<SlotResources> each, int count) {}

  /** Of slots that are all alike. */
  public static SlotDemand alike(int count) {
    return new SlotDemand(List.of(new Part(Optional.empty(), count)));
  }

  static SlotDemand of(Map<String, Integer> slotsByGroup, Map<String, SlotResources> resources) {
    var counts = new LinkedHashMap<Optional<SlotResources>, Integer>();
    slotsByGroup.forEach(
        (group, count) ->
            counts.merge(Optional.ofNullable(resources.get(group)), count, Integer::sum));
    return new SlotDemand(
        counts.entrySet().stream().map(each -> new Part(each.getKey(), each.getValue())).toList());
  }

  /** Slots of all kinds. */
  public int total() {
    return parts.stream().mapToInt(Part::count).sum();
  }

  public boolean needs(Optional<SlotResources> each) {
    return parts.stream().anyMatch(part -> part.each().equals(each));
  }
}
