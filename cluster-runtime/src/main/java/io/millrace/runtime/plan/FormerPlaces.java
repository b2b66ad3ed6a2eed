package io.millrace.runtime.plan;

import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * Where slots were that a job needs again, and beside which its local state lies: best they are at
 * the same TaskManager, else on the same host, where another one may find what it left.
 *
 * @param each one for each slot; empty if it is not known
 */
public record FormerPlaces(List<Optional<TaskManagerLocation>> each) {
  public FormerPlaces {
    each = List.copyOf(each);
  }

  public static FormerPlaces unknown(int slots) {
    return new FormerPlaces(Collections.nCopies(slots, Optional.empty()));
  }

  /** Those of the slots that are near, the first of them for each place. */
  public List<FreeSlot> nearest(List<FreeSlot> slots) {
    return Arrays.stream(take(new ArrayList<>(slots))).filter(Objects::nonNull).toList();
  }

  /** As many slots as there are places, each in the turn of the one that it is nearest to. */
  List<FreeSlot> arrange(List<FreeSlot> slots) {
    var left = new ArrayList<>(slots);
    FreeSlot[] taken = take(left);
    for (int index = 0; index < taken.length; index++) {
      if (taken[index] == null) {
        taken[index] = left.remove(0);
      }
    }
    return List.of(taken);
  }

  /** Nobody goes to a TaskManager beside his own while another one could go home to it. */
  private FreeSlot[] take(List<FreeSlot> left) {
    var taken = new FreeSlot[each.size()];
    take(left, taken, (slot, place) -> slot.id().equals(place.id()));
    take(left, taken, TaskManagerLocation::sharesHostWith);
    return taken;
  }

  private void take(
      List<FreeSlot> left,
      FreeSlot[] taken,
      BiPredicate<TaskManagerLocation, TaskManagerLocation> near) {
    for (int index = 0; index < taken.length; index++) {
      Optional<TaskManagerLocation> place = each.get(index);
      if (taken[index] == null && place.isPresent()) {
        for (FreeSlot slot : left) {
          if (near.test(slot.location(), place.get())) {
            taken[index] = slot;
            left.remove(slot);
            break;
          }
        }
      }
    }
  }
}
