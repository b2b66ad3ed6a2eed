package io.millrace.simulator;

import io.millrace.simulator.RandomJob.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines about items: as jobs write them, and what {@link Fates} and {@link Meetings} read. */
final class ItemLines {
  private static final Pattern RECORD = Pattern.compile("item (\\S+) of (-?\\d+) at (-?\\d+)");
  private static final Pattern WINDOW =
      Pattern.compile("(-?\\d+) from (-?\\d+) to (-?\\d+) holds (.*?)(?: as (\\d+))?");
  private static final Pattern LATE = Pattern.compile("(-?\\d+) has late (\\S+)");

  static String id(Item item) {
    return item.source() + "/" + item.number();
  }

  /** What is expected of an item: that it does not get lost. */
  static String record(Item item, long time) {
    return "item " + id(item) + " of " + item.key() + " at " + time;
  }

  static String window(int key, long start, long end, Iterable<Item> items) {
    var ids = new ArrayList<String>();
    items.forEach(item -> ids.add(id(item)));
    return window(key, start, end, ids);
  }

  static String window(int key, long start, long end, List<String> ids) {
    String sorted = String.join(" ", ids.stream().sorted().toList());
    return key + " from " + start + " to " + end + " holds " + sorted;
  }

  /** The nth that windows of its key have told. */
  static String numbered(String window, int nth) {
    return window + " as " + nth;
  }

  static String late(Item item) {
    return item.key() + " has late " + id(item);
  }

  /** An item that was read. */
  record Known(String id, int key, long time, String line) {
    long number() {
      return numberOf(id);
    }
  }

  static long numberOf(String id) {
    return Long.parseLong(id.substring(id.indexOf('/') + 1));
  }

  /** Those of which there is a {@link #record}, by id. */
  static TreeMap<String, Known> known(List<String> expected) {
    var items = new TreeMap<String, Known>();
    for (String line : expected) {
      Matcher is = RECORD.matcher(line);
      if (is.matches()) {
        int key = Integer.parseInt(is.group(2));
        items.put(is.group(1), new Known(is.group(1), key, Long.parseLong(is.group(3)), line));
      }
    }
    return items;
  }

  /**
   * What a window held when it fired.
   *
   * @param nth of its key, if that is told
   */
  record Window(int key, long start, long end, List<String> ids, Optional<Integer> nth) {}

  /** What the line tells of a window, if it does. */
  static Optional<Window> windowIn(String line) {
    Matcher is = WINDOW.matcher(line);
    return is.matches()
        ? Optional.of(
            new Window(
                Integer.parseInt(is.group(1)),
                Long.parseLong(is.group(2)),
                Long.parseLong(is.group(3)),
                List.of(is.group(4).split(" ")),
                Optional.ofNullable(is.group(5)).map(Integer::valueOf)))
        : Optional.empty();
  }

  /** The id of the item that the line says was late, if it does. */
  static Optional<String> lateIn(String line) {
    Matcher is = LATE.matcher(line);
    return is.matches() ? Optional.of(is.group(2)) : Optional.empty();
  }

  private ItemLines() {}
}
