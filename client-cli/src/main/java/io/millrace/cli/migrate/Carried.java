package io.millrace.cli.migrate;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Classes of the JDK that no record or state can carry, where a source says that one does: in the
 * type arguments of a state, stream, tuple or function, and in the head of a record. Elsewhere the
 * program may use them as it likes.
 */
final class Carried {
  private static final Map<String, String> REMEDIES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("java.lang.Exception", "keep its message, and its stack trace as text"),
              Map.entry(
                  "java.lang.RuntimeException", "keep its message, and its stack trace as text"),
              Map.entry("java.lang.Throwable", "keep its message, and its stack trace as text"),
              Map.entry("java.lang.Thread", "make it in open, in a transient field"),
              Map.entry("java.text.DecimalFormat", "keep its pattern"),
              Map.entry("java.text.SimpleDateFormat", "keep its pattern"),
              Map.entry("java.util.IdentityHashMap", "use a map with keys that are equal"),
              Map.entry("java.util.Random", "keep a number to seed the next one with"),
              Map.entry("java.util.SplittableRandom", "keep a number to seed the next one with"),
              Map.entry("java.util.StringJoiner", "keep a list, or a StringBuilder"),
              Map.entry("java.util.WeakHashMap", "use a HashMap"),
              Map.entry("java.util.concurrent.ArrayBlockingQueue", "use a LinkedBlockingQueue")));

  private static final Pattern PLACES =
      Pattern.compile(
          ("(?:\\b(?:\\w+State|\\w+StateDescriptor|\\w*Stream|SingleOutputStreamOperator|Tuple\\d+"
                  + "|TypeHint|OutputTag|Collector|\\w+Function)\\s*<[^;(){}=]*?"
                  + "|\\brecord\\s+\\w+\\s*(?:<[^(){}]*>)?\\s*\\([^(){}]*?)"
                  + "(?<![\\w.])(?<type>NAMES)\\b")
              .replace(
                  "NAMES",
                  REMEDIES.keySet().stream()
                      .map(each -> each.substring(each.lastIndexOf('.') + 1))
                      .collect(Collectors.joining("|"))));

  private Carried() {}

  /**
   * @param imported whether the source means this class by its simple name
   */
  static void check(String code, Predicate<String> imported, BiConsumer<String, Integer> remark) {
    Matcher place = PLACES.matcher(code);
    while (place.find()) {
      REMEDIES.forEach(
          (name, remedy) -> {
            if (name.endsWith("." + place.group("type")) && imported.test(name)) {
              remark.accept(
                  "a record or state cannot carry a " + name + ": " + remedy, place.start("type"));
            }
          });
    }
  }
}
