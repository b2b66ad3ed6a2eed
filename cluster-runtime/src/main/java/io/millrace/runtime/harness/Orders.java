package io.millrace.runtime.harness;

import io.millrace.runtime.harness.Conditions.Barriers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The orders in which the elements of several channels can arrive, barriers of one checkpoint or
 * several anywhere between them.
 *
 * <p>Of orders that no operator can tell apart only one is taken. What it can tell is what {@link
 * #seen} says: the order in which elements are given to it, when it is asked for its state, and
 * what is in flight then. In which order they came while a channel was held nobody knows but the
 * task, whose doing does not depend on the operator.
 */
final class Orders {
  /** More are not looked at one by one. */
  private static final double ALL_UP_TO = 200_000;

  private final int checkpoints;

  /** By the number of elements of each channel. */
  private final TreeMap<String, EnumMap<Barriers, List<int[]>>> known = new TreeMap<>();

  /**
   * @param checkpoints whose barriers come in each channel
   */
  Orders(int checkpoints) {
    this.checkpoints = checkpoints;
  }

  int checkpoints() {
    return checkpoints;
  }

  /**
   * Each order is a list of channels whose next element arrives; {@code -1 - channel} for its next
   * barrier.
   *
   * @param elements of each channel
   * @param most of them, evenly spread if there are more
   */
  List<int[]> of(int[] elements, Barriers barriers, int most) {
    List<int[]> all =
        known
            .computeIfAbsent(Arrays.toString(elements), any -> new EnumMap<>(Barriers.class))
            .computeIfAbsent(
                barriers,
                any ->
                    count(elements) <= ALL_UP_TO
                        ? distinct(elements, barriers)
                        : drawn(elements, most));
    if (all.size() <= most) {
      return all;
    }
    var some = new ArrayList<int[]>();
    for (long i = 0; i < most; i++) {
      some.add(all.get((int) (i * all.size() / most)));
    }
    return some;
  }

  /** How many there are, alike or not. */
  double count(int[] elements) {
    double count = 1;
    int length = 0;
    for (int of : elements) {
      for (int i = 1; i <= of + checkpoints; i++) {
        count = count * ++length / i;
      }
      for (int i = 1; i <= checkpoints; i++) {
        count = count * (of + i) / i;
      }
    }
    return count;
  }

  private List<int[]> distinct(int[] elements, Barriers barriers) {
    var found = new ArrayList<int[]>();
    extend(new int[length(elements)], 0, elements, barriers, new TreeSet<>(), found);
    return found;
  }

  private int length(int[] elements) {
    return Arrays.stream(elements).sum() + elements.length * checkpoints;
  }

  private void extend(
      int[] order,
      int length,
      int[] elements,
      Barriers barriers,
      TreeSet<String> met,
      List<int[]> found) {
    if (length == order.length) {
      found.add(order.clone());
      return;
    }
    for (int channel = 0; channel < elements.length; channel++) {
      for (int next : new int[] {channel, -1 - channel}) {
        int most = next < 0 ? checkpoints : elements[channel];
        if (times(next, order, length) < most) {
          order[length] = next;
          if (met.add(key(order, length + 1, elements.length, barriers))) {
            extend(order, length + 1, elements, barriers, met, found);
          }
        }
      }
    }
  }

  private static int times(int what, int[] order, int length) {
    int times = 0;
    for (int i = 0; i < length; i++) {
      times += order[i] == what ? 1 : 0;
    }
    return times;
  }

  private static String key(int[] order, int length, int channels, Barriers barriers) {
    int[] begun = Arrays.copyOf(order, length);
    if (barriers == Barriers.TURNING) {
      // What is seen depends on the time that passes: of these none is like another.
      return Arrays.toString(begun);
    }
    int[] arrived = begun.clone();
    Arrays.sort(arrived);
    return Arrays.toString(arrived) + seen(begun, channels, barriers);
  }

  private List<int[]> drawn(int[] elements, int most) {
    var chance = new SplittableRandom(most);
    var drawn = new ArrayList<int[]>();
    for (int i = 0; i < most; i++) {
      int[] order = new int[length(elements)];
      for (int at = 0; at < order.length; at++) {
        int left = chance.nextInt(order.length - at);
        for (int next = -elements.length; next < elements.length; next++) {
          int of = next < 0 ? checkpoints : elements[next];
          left -= of - times(next, order, at);
          if (left < 0) {
            order[at] = next;
            break;
          }
        }
      }
      drawn.add(order);
    }
    return drawn;
  }

  /** The order with the elements themselves. */
  static List<Step.OfChannel> steps(int[] order, List<List<Step.OfChannel>> channels) {
    var steps = new ArrayList<Step.OfChannel>();
    for (int at = 0; at < order.length; at++) {
      int nth = times(order[at], order, at);
      steps.add(
          order[at] < 0 ? new Step.Barrier(-1 - order[at], nth) : channels.get(order[at]).get(nth));
    }
    return steps;
  }

  /**
   * What a task makes of an order: {@code 0:2} is the third element of channel 0, {@code cut 1} the
   * first checkpoint, then, for barriers that overtake, what each checkpoint has in flight. Written
   * to be compared with what tasks do, not to be fast or to share anything with them.
   */
  static List<String> seen(int[] order, int channels, Barriers barriers) {
    var model = new Model(channels, barriers);
    for (int what : order) {
      model.arrives(what);
    }
    var seen = new ArrayList<>(model.seen);
    model.inFlight.forEach((checkpoint, elements) -> seen.add("in flight " + elements));
    return seen;
  }

  private static final class Model {
    final Barriers barriers;
    final List<ArrayDeque<String>> held = new ArrayList<>();
    final int[] elements;
    final int[] barriersOf;

    /** Which checkpoint each channel waits for. */
    final int[] waits;

    /** Which channels have brought the barrier. */
    final TreeMap<Integer, TreeSet<Integer>> have = new TreeMap<>();

    final TreeMap<Integer, List<String>> inFlight = new TreeMap<>();
    final List<String> seen = new ArrayList<>();
    int newest;

    Model(int channels, Barriers barriers) {
      this.barriers = barriers;
      this.elements = new int[channels];
      this.barriersOf = new int[channels];
      this.waits = new int[channels];
      for (int i = 0; i < channels; i++) {
        held.add(new ArrayDeque<>());
      }
    }

    void arrives(int what) {
      int channel = what < 0 ? -1 - what : what;
      held.get(channel)
          .add(what < 0 ? "" + ++barriersOf[channel] : channel + ":" + elements[channel]++);
      for (boolean any = true; any; ) {
        any = false;
        for (int each = 0; each < waits.length; each++) {
          if (waits[each] == 0 && !held.get(each).isEmpty()) {
            take(each, held.get(each).remove());
            any = true;
          }
        }
      }
    }

    private void take(int channel, String what) {
      if (what.contains(":")) {
        seen.add(what);
        inFlight.forEach(
            (checkpoint, kept) -> {
              if (!have.get(checkpoint).contains(channel)) {
                kept.add(what);
              }
            });
        return;
      }
      int checkpoint = Integer.parseInt(what);
      var arrived = have.computeIfAbsent(checkpoint, any -> new TreeSet<>());
      arrived.add(channel);
      if (barriers.mayOvertake()) {
        if (checkpoint > newest) {
          newest = checkpoint;
          seen.add("cut " + checkpoint);
          inFlight.put(checkpoint, new ArrayList<>());
        }
      } else if (arrived.size() == waits.length) {
        seen.add("cut " + checkpoint);
        Arrays.fill(waits, 0);
      } else if (barriers == Barriers.ALIGNED) {
        waits[channel] = checkpoint;
      }
    }
  }
}
