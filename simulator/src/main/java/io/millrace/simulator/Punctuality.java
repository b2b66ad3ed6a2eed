package io.millrace.simulator;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which items cannot be late, whatever comes when: no watermark of an item's own split, before it
 * is read, is as far as its time, and nobody goes on without that split.
 *
 * @param spread as of {@link Disorder}
 * @param bound as of {@link Disorder}
 */
record Punctuality(int spread, int bound) {
  private static final Pattern NAME = Pattern.compile(".* of items within (\\d+) as if (\\d+)");

  /** Empty if a split may sleep: then others decide what is late of its items. */
  static Optional<Punctuality> of(Disorder disorder) {
    return disorder.idleMillis() > 0 || disorder.napEach() > 0
        ? Optional.empty()
        : Optional.of(new Punctuality(disorder.spread(), disorder.bound()));
  }

  /** For the end of an operator's name. */
  static String name(Optional<Punctuality> known) {
    return known.map(it -> " of items within " + it.spread + " as if " + it.bound).orElse("");
  }

  /** What an operator's name says. */
  static Optional<Punctuality> named(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches()
        ? Optional.of(
            new Punctuality(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** Ids of the items that cannot be late; none if nothing is known of that. */
  static TreeSet<String> surelyInTime(
      Optional<Punctuality> known, Collection<ItemLines.Known> items) {
    var ids = new TreeSet<String>();
    if (known.isPresent()) {
      long last = items.stream().mapToLong(ItemLines.Known::number).max().orElse(0);
      Map<Long, Boolean> sure = known.get().upTo(last);
      items.stream().filter(item -> sure.get(item.number())).forEach(item -> ids.add(item.id()));
    }
    return ids;
  }

  /** For each number whether its item is surely in time. */
  private TreeMap<Long, Boolean> upTo(long last) {
    var disorder = new Disorder(spread, bound, 0, 0, true);
    var sure = new TreeMap<Long, Boolean>();
    long highest = Long.MIN_VALUE / 2;
    for (long number = 0; number <= last; number++) {
      long time = disorder.time(new RandomJob.Item(0, 0, number, 0));
      sure.put(number, time > highest - bound - 1);
      highest = Math.max(highest, time);
    }
    return sure;
  }
}
