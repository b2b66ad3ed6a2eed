package io.millrace.runtime.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * What windows must emit, computed the plainest way there is: every window is a list of its
 * records, every key has a list of windows, and each record and each alarm is looked at by itself.
 * It knows nothing of slices, panes, combiners, stores or checkpoints.
 */
final class WindowOracle {
  enum Kind {
    TUMBLING,
    SLIDING,
    SESSION,
    DYNAMIC_SESSION,
    CLOCK_TUMBLING,
    CLOCK_SLIDING,
    CLOCK_SESSION,
    CLOCK_DYNAMIC_SESSION,
    GLOBAL,
    COUNT,
    COUNT_SLIDING;

    boolean byClock() {
      return name().startsWith("CLOCK");
    }

    boolean merges() {
      return name().endsWith("SESSION");
    }

    boolean ends() {
      return ordinal() < GLOBAL.ordinal();
    }

    boolean byEventTime() {
      return ends() && !byClock();
    }

    boolean dynamic() {
      return name().contains("DYNAMIC");
    }
  }

  enum Firing {
    /** That of the assigner. */
    DEFAULT,
    COUNT,
    CONTINUOUS_EVENT,
    CONTINUOUS_CLOCK,
    /** Fires and purges by what a record says, and fires when the window ends. */
    CUSTOM
  }

  enum Evicting {
    NONE,
    COUNT,
    TIME,
    DELTA,
    /** One of the user's own, which may leave nothing. */
    CUSTOM
  }

  enum Function {
    REDUCE,
    AGGREGATE,
    PROCESS,
    APPLY,
    REDUCE_PROCESS,
    AGGREGATE_PROCESS
  }

  /**
   * Windows over a stream.
   *
   * @param size of windows; the gap of sessions, at most; records for counts
   * @param every records or milliseconds between two firings
   * @param keep records, milliseconds or difference that an evictor leaves
   * @param keepAfter whether it evicts after the window is computed
   * @param lateAside whether late records go to a side output
   */
  record Spec(
      Kind kind,
      int size,
      int slide,
      int offset,
      Firing firing,
      int every,
      boolean purging,
      Evicting evicting,
      int keep,
      boolean keepAfter,
      int lateness,
      boolean lateAside,
      Function function,
      boolean keyed) {
    static Spec draw(SplittableRandom chance) {
      boolean plain = chance.nextInt(4) == 0; // what most programs are content with
      var kind = Kind.values()[chance.nextInt(plain ? 2 : Kind.values().length)];
      int size = 1 + chance.nextInt(20);
      boolean slides = kind == Kind.SLIDING || kind == Kind.CLOCK_SLIDING;
      boolean aligned = slides || kind == Kind.TUMBLING || kind == Kind.CLOCK_TUMBLING;
      int slide = slides || kind == Kind.COUNT_SLIDING ? 1 + chance.nextInt(20) : size;
      boolean counts = kind == Kind.COUNT || kind == Kind.COUNT_SLIDING;
      boolean late = kind.byEventTime() && chance.nextBoolean();
      Evicting evicting =
          plain || counts || chance.nextInt(3) > 0 ? Evicting.NONE : evicting(chance, kind);
      return new Spec(
          kind,
          size,
          slide,
          aligned ? chance.nextInt(2 * slide - 1) - (slide - 1) : 0,
          plain || counts ? Firing.DEFAULT : firing(chance, kind),
          1 + chance.nextInt(12),
          !plain && !counts && chance.nextInt(4) == 0,
          evicting,
          1 + chance.nextInt(10),
          !counts && chance.nextBoolean(),
          late ? chance.nextInt(30) : 0,
          kind.byEventTime() && chance.nextInt(3) == 0,
          Function.values()[chance.nextInt(Function.values().length)],
          chance.nextInt(4) > 0);
    }

    private static Firing firing(SplittableRandom chance, Kind kind) {
      if (kind.ends() && chance.nextInt(3) == 0) {
        return Firing.DEFAULT;
      }
      return switch (chance.nextInt(4)) {
        case 0 -> Firing.CUSTOM;
        case 1 -> kind.byClock() ? Firing.CONTINUOUS_CLOCK : Firing.CONTINUOUS_EVENT;
        case 2 -> kind.byEventTime() ? Firing.CONTINUOUS_EVENT : Firing.CONTINUOUS_CLOCK;
        default -> Firing.COUNT;
      };
    }

    /** In merged windows records have no particular order, which some evictors go by. */
    private static Evicting evicting(SplittableRandom chance, Kind kind) {
      if (kind.merges()) {
        return chance.nextBoolean() ? Evicting.TIME : Evicting.CUSTOM;
      }
      return Evicting.values()[1 + chance.nextInt(4)];
    }

    /** Whether windows by the clock may share what they hold. */
    boolean shares() {
      return (kind == Kind.CLOCK_TUMBLING || kind == Kind.CLOCK_SLIDING)
          && firing == Firing.DEFAULT
          && !purging
          && evicting == Evicting.NONE
          && function != Function.PROCESS
          && function != Function.APPLY;
    }

    boolean tellsWindow() {
      return function != Function.REDUCE && function != Function.AGGREGATE;
    }

    /** The gap behind a record. */
    static long gap(int size, int number) {
      return 1 + number % size;
    }
  }

  /**
   * @param at the time that has decided on its windows
   */
  private record Entry(int number, long time, long at) {}

  /** A window of a key. */
  private static final class Win {
    final String key;
    final long first;
    final long last;
    final List<Entry> entries = new ArrayList<>();
    final TreeSet<Long> eventAlarms = new TreeSet<>();
    final TreeSet<Long> clockAlarms = new TreeSet<>();
    int counted;
    Long next;

    Win(String key, long first, long last) {
      this.key = key;
      this.first = first;
      this.last = last;
    }

    TreeSet<Long> alarms(boolean clock) {
      return clock ? clockAlarms : eventAlarms;
    }
  }

  private final Spec spec;
  private final List<Win> open = new ArrayList<>();
  private List<String> out = new ArrayList<>();
  private long watermark = Long.MIN_VALUE;
  private long clock;
  private long dropped;

  WindowOracle(Spec spec) {
    this.spec = spec;
  }

  long dropped() {
    return dropped;
  }

  // ---- what happens; each tells what is emitted, sorted

  List<String> record(String of, int number, long time) {
    String key = spec.keyed ? of : "";
    boolean taken = false;
    long at = spec.kind.byClock() ? clockOf(key) : time;
    for (Win each : windowsOf(key, number, at)) {
      if (!spec.kind.byEventTime() || forgottenAt(each) > watermark) {
        taken = true;
        if (!open.contains(each)) {
          open.add(each);
        }
        each.entries.add(new Entry(number, time, at));
        onRecord(each, number, time);
      }
    }
    if (!taken && spec.kind.byEventTime() && time + spec.lateness <= watermark) {
      if (spec.lateAside) {
        out.add("late " + number + "@" + time);
      } else {
        dropped++;
      }
    }
    ring(true, clock); // what is due already is due at once
    return told();
  }

  List<String> watermark(long time) {
    watermark = Math.max(watermark, time);
    ring(false, time);
    return told();
  }

  List<String> clock(long time) {
    clock = time;
    ring(true, time);
    return told();
  }

  /**
   * All starts again from a checkpoint, at this time of the clock. What was behind event time, and
   * would have fired with the next watermark, fires first.
   */
  List<String> restored(long time) {
    ring(false, watermark);
    return clock(time);
  }

  private List<String> told() {
    List<String> told = out;
    out = new ArrayList<>();
    told.sort(null);
    return told;
  }

  // ---- which windows

  private List<Win> windowsOf(String key, int number, long at) {
    if (!spec.kind.ends()) {
      return List.of(find(key, Long.MIN_VALUE, Long.MAX_VALUE));
    }
    if (spec.kind.merges()) {
      long gap = spec.kind.dynamic() ? Spec.gap(spec.size, number) : spec.size;
      return List.of(session(key, at, at + gap - 1));
    }
    var all = new ArrayList<Win>();
    for (long first = at - spec.size + 1; first <= at; first++) {
      if (Math.floorMod(first - spec.offset, (long) spec.slide) == 0) {
        all.add(find(key, first, first + spec.size - 1));
      }
    }
    return all;
  }

  /**
   * Windows that share what they hold do not go back behind the next one to fire, as long as
   * anything is held that was in one which has fired.
   */
  private long clockOf(String key) {
    List<Win> mine = open.stream().filter(each -> each.key.equals(key)).toList();
    if (!spec.shares() || mine.isEmpty()) {
      return clock;
    }
    long next = mine.stream().mapToLong(each -> each.last).min().getAsLong();
    long first =
        mine.stream().flatMap(each -> each.entries.stream()).mapToLong(Entry::at).min().getAsLong();
    long firstEnd = first + Math.floorMod(spec.offset + spec.size - 1 - first, (long) spec.slide);
    return firstEnd < next ? Math.max(clock, next + 1 - Math.min(spec.size, spec.slide)) : clock;
  }

  private Win find(String key, long first, long last) {
    for (Win each : open) {
      if (each.key.equals(key) && each.first == first && each.last == last) {
        return each;
      }
    }
    return new Win(key, first, last);
  }

  /** The session that these times belong to, which may join several: they touch or overlap. */
  private Win session(String key, long first, long last) {
    var touched = new ArrayList<Win>();
    long from = first;
    long to = last;
    for (Win each : open) {
      if (each.key.equals(key) && each.first <= last + 1 && first <= each.last + 1) {
        touched.add(each);
        from = Math.min(from, each.first);
        to = Math.max(to, each.last);
      }
    }
    if (touched.isEmpty()
        || touched.size() == 1 && touched.get(0).first == from && touched.get(0).last == to) {
      return touched.isEmpty() ? new Win(key, from, to) : touched.get(0);
    }
    var joined = new Win(key, from, to);
    for (Win each : touched) {
      open.remove(each);
      joined.entries.addAll(each.entries);
      joined.counted += each.counted;
      if (each.next != null) {
        joined.next = joined.next == null ? each.next : Math.min(joined.next, each.next);
      }
    }
    open.add(joined);
    boolean byEnd = spec.firing == Firing.DEFAULT || spec.firing == Firing.CUSTOM;
    boolean clocks = spec.kind.byClock();
    if (byEnd && joined.last > (clocks ? clock : watermark)) {
      joined.alarms(clocks).add(joined.last);
    }
    if (joined.next != null) {
      joined.alarms(spec.firing == Firing.CONTINUOUS_CLOCK).add(joined.next);
    }
    return joined;
  }

  // ---- when they fire

  private void onRecord(Win window, int number, long time) {
    boolean clocks = spec.kind.byClock();
    boolean over = !clocks && window.last <= watermark;
    switch (spec.firing) {
      case DEFAULT -> {
        if (!spec.kind.ends()) {
          count(window, spec.slide);
        } else if (over) {
          fire(window);
        } else {
          window.alarms(clocks).add(window.last);
        }
      }
      case COUNT -> count(window, spec.every);
      case CUSTOM -> {
        if (over || number % 5 == 0) {
          fire(window);
        } else if (spec.kind.ends()) {
          window.alarms(clocks).add(window.last);
        }
        if (number % 7 == 0) {
          window.entries.clear();
        }
      }
      case CONTINUOUS_EVENT -> {
        if (over) {
          fire(window);
        } else {
          window.eventAlarms.add(window.last);
          awaitNext(window, time, false);
        }
      }
      case CONTINUOUS_CLOCK -> awaitNext(window, clock, true);
    }
  }

  private void count(Win window, int most) {
    if (++window.counted >= most) {
      window.counted = 0;
      fire(window);
    }
  }

  /** The next firing is at a multiple of the interval, or when the window ends. */
  private void awaitNext(Win window, long from, boolean clocks) {
    if (window.next == null) {
      long begin = from - Math.floorMod(from, (long) spec.every);
      window.next = Math.min(begin + spec.every, window.last);
      window.alarms(clocks).add(window.next);
    }
  }

  /** Everything that is due, the earliest first. */
  private void ring(boolean clocks, long upTo) {
    while (true) {
      Win due = null;
      long at = Long.MAX_VALUE;
      for (Win each : open) {
        long mine = each.alarms(clocks).isEmpty() ? Long.MAX_VALUE : each.alarms(clocks).first();
        if (spec.kind.ends() && clocks == spec.kind.byClock()) {
          mine = Math.min(mine, forgottenAt(each));
        }
        if (mine <= upTo && mine < at) {
          due = each;
          at = mine;
        }
      }
      if (due == null) {
        return;
      }
      boolean ends = spec.kind.ends() && clocks == spec.kind.byClock() && forgottenAt(due) == at;
      if (due.alarms(clocks).remove(at) || ends) {
        alarm(due, at, clocks); // triggers hear of the end even if they did not ask for it
      }
      if (ends) {
        open.remove(due);
      }
    }
  }

  private void alarm(Win window, long at, boolean clocks) {
    boolean continuous =
        spec.firing == (clocks ? Firing.CONTINUOUS_CLOCK : Firing.CONTINUOUS_EVENT);
    boolean firesAtEnd =
        spec.firing == Firing.DEFAULT
            || spec.firing == Firing.CUSTOM
            || spec.firing == Firing.CONTINUOUS_EVENT;
    if (firesAtEnd && at == window.last) {
      fire(window);
    } else if (continuous && window.next != null && window.next == at) {
      window.next = Math.min(at + spec.every, window.last);
      if (window.next > at) {
        window.alarms(clocks).add(window.next);
      }
      fire(window);
    }
  }

  private long forgottenAt(Win window) {
    return window.last + spec.lateness;
  }

  // ---- what they hold

  private void fire(Win window) {
    if (window.entries.isEmpty()) {
      return;
    }
    if (!spec.keepAfter) {
      evict(window.entries);
    }
    List<Integer> numbers = window.entries.stream().map(Entry::number).sorted().toList();
    // Nothing can be reduced to no record; any other function is called for nothing, too.
    if (!numbers.isEmpty() || spec.function != Function.REDUCE) {
      out.add(line(spec, window.first, window.last, numbers) + "@" + window.last);
    }
    if (spec.keepAfter) {
      evict(window.entries);
    }
    boolean purges = spec.purging || spec.kind == Kind.COUNT;
    if (purges) {
      window.entries.clear();
    }
  }

  static String line(Spec spec, long first, long last, List<Integer> numbers) {
    return (spec.tellsWindow() && spec.kind.ends() ? first + ".." + last + " " : "") + numbers;
  }

  private void evict(List<Entry> entries) {
    if (spec.kind == Kind.COUNT_SLIDING) {
      keepLast(entries, spec.size);
      return;
    }
    switch (spec.evicting) {
      case NONE -> {}
      case COUNT -> keepLast(entries, spec.keep);
      case TIME -> {
        long youngest = entries.stream().mapToLong(Entry::time).max().orElseThrow();
        entries.removeIf(each -> each.time <= youngest - spec.keep);
      }
      case DELTA -> {
        int last = entries.get(entries.size() - 1).number;
        entries.removeIf(each -> Math.abs(each.number - last) >= spec.keep);
      }
      case CUSTOM -> entries.removeIf(each -> each.number % 3 != 0);
    }
  }

  private static void keepLast(List<Entry> entries, int most) {
    while (entries.size() > most) {
      entries.remove(0);
    }
  }
}
