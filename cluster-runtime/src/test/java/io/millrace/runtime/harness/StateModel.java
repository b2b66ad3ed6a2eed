package io.millrace.runtime.harness;

import io.millrace.runtime.harness.AllStates.Life;
import io.millrace.runtime.harness.AllStates.Order;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What {@link AllStates} must answer, by collections as plain as can be. */
final class StateModel {

  /** Of one key. */
  private static final class OfKey {
    final List<States> states = new ArrayList<>();
    final TreeSet<Long> eventTimers = new TreeSet<>();
    final TreeSet<Long> processingTimers = new TreeSet<>();

    OfKey() {
      Arrays.stream(Life.values()).map(States::new).forEach(states::add);
    }

    OfKey copy() {
      var copy = new OfKey();
      copy.states.clear();
      states.forEach(each -> copy.states.add(each.copy()));
      copy.eventTimers.addAll(eventTimers);
      copy.processingTimers.addAll(processingTimers);
      return copy;
    }
  }

  /** Something and when it was last written, or read if that renews it. */
  private record Kept<T>(T it, long at) {}

  private static final class States {
    final Life life;
    Kept<Long> value;
    final List<Kept<Long>> list = new ArrayList<>();
    final Map<String, Kept<Long>> map = new LinkedHashMap<>();
    Kept<Long> sum;
    Kept<long[]> mean;

    States(Life life) {
      this.life = life;
    }

    States copy() {
      var copy = new States(life);
      copy.value = value;
      copy.list.addAll(list);
      copy.map.putAll(map);
      copy.sum = sum;
      copy.mean = mean;
      return copy;
    }

    boolean expired(Kept<?> kept, long now) {
      return kept != null && life != Life.FOR_EVER && now - kept.at >= AllStates.TTL;
    }

    void forgetWhatHasExpired(long now) {
      value = expired(value, now) ? null : value;
      sum = expired(sum, now) ? null : sum;
      mean = expired(mean, now) ? null : mean;
      list.removeIf(each -> expired(each, now));
      map.values().removeIf(each -> expired(each, now));
    }

    /** As it is after somebody has looked at it. */
    <T> Kept<T> read(Kept<T> kept, long now) {
      return kept == null || life != Life.FROM_READS ? kept : new Kept<>(kept.it, now);
    }
  }

  private final TreeMap<String, OfKey> keys = new TreeMap<>();
  private final TreeMap<String, Integer> rules = new TreeMap<>();
  private final List<Long> notes = new ArrayList<>();
  private List<Long> notesAtStart = List.of();

  /** As it is after a restore from here. */
  StateModel restored() {
    var copy = new StateModel();
    keys.forEach((key, each) -> copy.keys.put(key, each.copy()));
    copy.rules.putAll(rules);
    copy.notes.addAll(notes);
    copy.notesAtStart = List.copyOf(notes);
    return copy;
  }

  private OfKey of(String key) {
    return keys.computeIfAbsent(key, any -> new OfKey());
  }

  String process(Order order, long now) {
    OfKey key = of(order.key());
    States states = key.states.get(order.life().ordinal());
    states.forgetWhatHasExpired(now);
    return order + ": " + answer(order, key, states, now);
  }

  private Object answer(Order order, OfKey key, States states, long now) {
    String entry = order.entry();
    long number = order.number();
    var put = new Kept<>(number, now);
    switch (order.deed()) {
      case VALUE_READ -> {
        states.value = states.read(states.value, now);
        return it(states.value);
      }
      case VALUE_UPDATE -> states.value = put;
      case VALUE_CLEAR -> states.value = null;
      case LIST_READ -> {
        states.list.replaceAll(each -> states.read(each, now));
        return states.list.stream().map(Kept::it).toList();
      }
      case LIST_ADD -> states.list.add(put);
      case LIST_ADD_ALL -> states.list.addAll(List.of(put, new Kept<>(number + 1, now)));
      case LIST_UPDATE -> {
        states.list.clear();
        if (number % 3 != 0) {
          states.list.add(put);
        }
      }
      case LIST_CLEAR -> states.list.clear();
      case MAP_READ -> {
        states.map.replaceAll((any, each) -> states.read(each, now));
        return states.map.entrySet().stream()
            .map(e -> e.getKey() + "=" + it(e.getValue()))
            .toList();
      }
      case MAP_GET -> {
        states.map.computeIfPresent(entry, (any, each) -> states.read(each, now));
        return it(states.map.get(entry));
      }
      case MAP_CONTAINS -> {
        states.map.computeIfPresent(entry, (any, each) -> states.read(each, now));
        return states.map.containsKey(entry);
      }
      case MAP_IS_EMPTY -> {
        return states.map.isEmpty();
      }
      case MAP_PUT -> states.map.put(entry, put);
      case MAP_PUT_ALL -> {
        states.map.put(entry, put);
        states.map.put("x", new Kept<>(number + 1, now));
      }
      case MAP_REMOVE -> states.map.remove(entry);
      case MAP_REMOVE_ODD -> {
        states.map.replaceAll((any, each) -> states.read(each, now));
        states.map.values().removeIf(each -> each.it % 2 == 1);
      }
      case MAP_CLEAR -> states.map.clear();
      case SUM_READ -> {
        states.sum = states.read(states.sum, now);
        return it(states.sum);
      }
      case SUM_ADD ->
          states.sum = new Kept<>(states.sum == null ? number : states.sum.it + number, now);
      case SUM_CLEAR -> states.sum = null;
      case MEAN_READ -> {
        states.mean = states.read(states.mean, now);
        return states.mean == null ? null : states.mean.it[0] + "/" + states.mean.it[1];
      }
      case MEAN_ADD -> {
        long[] before = states.mean == null ? new long[2] : states.mean.it;
        states.mean = new Kept<>(new long[] {before[0] + number, before[1] + 1}, now);
      }
      case MEAN_CLEAR -> states.mean = null;
      case EVENT_TIMER -> key.eventTimers.add(number);
      case NO_EVENT_TIMER -> key.eventTimers.remove(number);
      case PROCESSING_TIMER -> key.processingTimers.add(number);
      case NO_PROCESSING_TIMER -> key.processingTimers.remove(number);
      case NOTE -> notes.add(number);
    }
    return "done";
  }

  private static Object it(Kept<?> kept) {
    return kept == null ? null : kept.it;
  }

  /** What timers say that are due at a watermark or at a time of the clock, sorted. */
  List<String> fire(boolean eventTime, long upTo) {
    var fired = new ArrayList<String>();
    keys.forEach(
        (name, key) -> {
          var due = (eventTime ? key.eventTimers : key.processingTimers).headSet(upTo, true);
          for (long time : due) {
            fired.add(
                (eventTime ? "event time " : "processing time ")
                    + time
                    + " of "
                    + name
                    + " with "
                    + it(key.states.get(0).value));
          }
          due.clear();
        });
    fired.sort(null);
    return fired;
  }

  /** What each of the subtasks says of a new rule, sorted; sizes of parts of lists aside. */
  List<String> rule(Order rule, int parallelism) {
    rules.put(rule.entry(), (int) rule.number());
    var said = new ArrayList<String>();
    for (int i = 0; i < parallelism; i++) {
      said.add("rules " + rules);
      said.add("union " + AllStates.sorted(notesAtStart));
    }
    notesAtStart.forEach(each -> said.add("split " + each));
    keys.forEach(
        (name, key) -> {
          if (key.states.get(0).value != null) {
            said.add("visited " + name + " with " + it(key.states.get(0).value));
          }
        });
    said.sort(null);
    return said;
  }
}
