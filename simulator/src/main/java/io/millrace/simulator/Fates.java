package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.simulator.ItemLines.Known;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What has become of each item where it depends on what comes when which ones are late. However
 * that goes, an item is in all of its windows from one of them on, or late, and never both; a
 * window that fires again holds all that it held before, and more; and event time of a key never
 * falls back, whatever has taken it over.
 */
final class Fates implements Told {
  private final PlainWindows windows;
  private final Optional<Punctuality> punctuality;
  private final Trace trace;
  private TreeSet<String> sure = new TreeSet<>();

  private Fates(PlainWindows windows, Optional<Punctuality> punctuality, Trace trace) {
    this.windows = windows;
    this.punctuality = punctuality;
    this.trace = trace;
  }

  /** Of the items of a job, if it has any such windows. */
  static Optional<Fates> in(JobGraph graph, Trace trace) {
    for (Vertex vertex : graph.vertices()) {
      Optional<PlainWindows> windows = PlainWindows.named(vertex.name());
      if (windows.isPresent() && windows.get().kind() == PlainWindows.Kind.LATE) {
        return Optional.of(new Fates(windows.get(), Punctuality.named(vertex.name()), trace));
      }
    }
    return Optional.empty();
  }

  /** What a window held each time that it fired. */
  private record Fired(int key, long start, long end, List<TreeSet<String>> held) {
    TreeSet<String> last() {
      return held.get(held.size() - 1);
    }
  }

  @Override
  public List<String> told(List<String> expected, List<String> visible, boolean mayRepeat) {
    TreeMap<String, Known> items = ItemLines.known(expected);
    sure = Punctuality.surelyInTime(punctuality, items.values());
    var result = new ArrayList<String>();
    var fired = new TreeMap<String, Fired>();
    var late = new TreeSet<String>();
    var ends = new TreeMap<Integer, TreeMap<Integer, Long>>();
    var repeated = new ArrayList<String>();
    for (String line : visible) {
      Optional<ItemLines.Window> window = ItemLines.windowIn(line);
      Optional<String> tooLate = ItemLines.lateIn(line);
      if (window.isPresent()) {
        ItemLines.Window told = window.get();
        var held = new TreeSet<>(told.ids());
        fired
            .computeIfAbsent(
                told.key() + " " + told.start() + " " + told.end(),
                name -> new Fired(told.key(), told.start(), told.end(), new ArrayList<>()))
            .held
            .add(held);
        if (told.nth().isPresent()
            && ends.computeIfAbsent(told.key(), key -> new TreeMap<>())
                    .put(told.nth().get(), told.end())
                != null) {
          repeated.add("wrong: windows of its key have told as many before: " + line);
        }
        if (held.size() < told.ids().size() || !items.keySet().containsAll(held)) {
          result.add("wrong: an item twice, or one of nobody: " + line);
        }
      } else if (tooLate.isPresent()) {
        if (!late.add(tooLate.get()) || !items.containsKey(tooLate.get())) {
          result.add("wrong: twice, or an item of nobody: " + line);
        }
      } else {
        result.add(line);
      }
    }
    if (mayRepeat || result.stream().anyMatch(line -> line.startsWith("wrong"))) {
      anywhere(items, List.copyOf(fired.values()), late, result);
    } else {
      if (windows.slide() == 0) {
        sessions(items, List.copyOf(fired.values()), late, result);
      } else {
        intervals(items, fired, late, result);
      }
    }
    result.addAll(repeated);
    ends.forEach((key, inOrder) -> neverFallsBack(key, inOrder, result));
    late.forEach(item -> trace.hit("item came late"));
    fired.values().stream()
        .filter(window -> window.held.size() > 1)
        .forEach(window -> trace.hit("window fired again for what came late"));
    result.sort(null);
    return result;
  }

  /** Event time has passed the end of each window that has fired, so earlier ones are late. */
  private void neverFallsBack(int key, TreeMap<Integer, Long> ends, List<String> into) {
    long passed = Long.MIN_VALUE;
    for (long end : ends.values()) {
      if (end < passed && end + windows.lateness() <= passed) {
        into.add("wrong: of " + key + " windows fired up to " + passed + ", then to " + end);
      }
      passed = Math.max(passed, end);
    }
  }

  private void anywhere(
      Map<String, Known> items, List<Fired> fired, TreeSet<String> late, List<String> into) {
    var held = new TreeSet<String>();
    fired.forEach(window -> window.held.forEach(held::addAll));
    for (Known item : items.values()) {
      boolean ofNoWindow = windows.slide() > 0 && windows.intervals(List.of(item.time())).isEmpty();
      ends(item, false, held.contains(item.id()) || ofNoWindow, late.contains(item.id()), into);
    }
  }

  /** Windows at fixed times. */
  private void intervals(
      Map<String, Known> items, Map<String, Fired> fired, TreeSet<String> late, List<String> into) {
    for (Fired window : fired.values()) {
      grows(window.held, into);
      for (Known item : window.last().stream().map(items::get).toList()) {
        Long end = windows.intervals(List.of(item.time())).get(window.start);
        if (item.key() != window.key || end == null || end != window.end) {
          into.add("wrong: " + item.line() + " is in " + window);
        }
      }
    }
    for (Known item : items.values()) {
      boolean began = false;
      boolean inTheLast = false;
      Map<Long, Long> all = windows.intervals(List.of(item.time()));
      for (Map.Entry<Long, Long> each : all.entrySet()) {
        Fired window = fired.get(item.key() + " " + each.getKey() + " " + each.getValue());
        inTheLast = window != null && window.last().contains(item.id());
        began |= inTheLast;
        if (began && window != null && !inTheLast) {
          into.add("wrong: " + item.line() + " is in an earlier window than " + window);
        }
      }
      ends(item, began, inTheLast || all.isEmpty(), late.contains(item.id()), into);
    }
  }

  private static void grows(List<TreeSet<String>> held, List<String> into) {
    held.sort(Comparator.comparingInt(TreeSet::size));
    for (int i = 1; i < held.size(); i++) {
      if (held.get(i).size() == held.get(i - 1).size()
          || !held.get(i).containsAll(held.get(i - 1))) {
        into.add("wrong: a window fired with " + held.get(i) + " and " + held.get(i - 1));
      }
    }
  }

  /** Windows that grow with their items. */
  private void sessions(
      Map<String, Known> items, List<Fired> fired, TreeSet<String> late, List<String> into) {
    var heldBy = new TreeMap<String, List<TreeSet<String>>>();
    for (Fired session : fired) {
      for (TreeSet<String> held : session.held) {
        var times = held.stream().map(items::get).map(Known::time).sorted().toList();
        Map<Long, Long> covered = windows.intervals(times);
        boolean mine = held.stream().map(items::get).allMatch(item -> item.key() == session.key);
        if (!mine || !covered.equals(Map.of(session.start, session.end))) {
          into.add("wrong: " + session + " covers " + covered);
        }
        held.forEach(id -> heldBy.computeIfAbsent(id, same -> new ArrayList<>()).add(held));
      }
    }
    heldBy.values().forEach(held -> grows(held, into));
    for (Known item : items.values()) {
      boolean held = heldBy.containsKey(item.id());
      ends(item, held, held, late.contains(item.id()), into);
    }
  }

  /** Where nobody is told of late ones, it is not known what became of an item in no window. */
  private void ends(
      Known item, boolean isInAny, boolean isInTheLast, boolean isLate, List<String> into) {
    if (isInAny && isLate) {
      into.add("wrong: " + item.line() + " is in a window, and late");
    }
    if (isLate && sure.contains(item.id())) {
      into.add("wrong: " + item.line() + " is late, and cannot be");
    }
    if (isInTheLast || isLate || !windows.told() && !sure.contains(item.id())) {
      into.add(item.line());
    }
  }
}
