package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.simulator.ItemLines.Known;
import io.millrace.simulator.RandomJob.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom each item has met in a join where it depends on what comes when which ones are late. However
 * that goes, an item that is not late meets each of its partners that is not late either, as often
 * as it should, and one that is late meets nobody. In windows it may be late for the first of its
 * windows and in time for all that end later.
 */
final class Meetings implements Told {
  private static final String PAIRS = PlainWindows.EVENT_TIME + "pairs ";
  private static final Pattern PAIR =
      Pattern.compile("(-?\\d+) pairs (\\S+) with (\\S+) (-?\\d+) later");

  /** The only place at which two items meet that need no window for it. */
  private static final long ANYWHERE = 0;

  private final Rule rule;
  private final Optional<Punctuality> punctuality;
  private final Trace trace;

  private Meetings(Rule rule, Optional<Punctuality> punctuality, Trace trace) {
    this.rule = rule;
    this.punctuality = punctuality;
    this.trace = trace;
  }

  /** Of the items of a job, if it has such a join. */
  static Optional<Meetings> in(JobGraph graph, Trace trace) {
    for (Vertex vertex : graph.vertices()) {
      Optional<Rule> rule = rule(vertex.name());
      if (rule.isPresent()) {
        return Optional.of(new Meetings(rule.get(), Punctuality.named(vertex.name()), trace));
      }
    }
    return Optional.empty();
  }

  private static Optional<Rule> rule(String name) {
    Optional<Within> within = Within.named(name);
    return within.isPresent()
        ? Optional.of(within.get())
        : PlainWindows.ofPairs(name).map(InWindows::new);
  }

  /** Whether an operator is one of which it is expected that each of its items meets somebody. */
  static boolean isNamed(String name) {
    return rule(name).isPresent();
  }

  static String pair(Item left, Item right, long apart) {
    return left.key()
        + " pairs "
        + ItemLines.id(left)
        + " with "
        + ItemLines.id(right)
        + " "
        + apart
        + " later";
  }

  /** Who meets whom. */
  private sealed interface Rule {
    /** Where two items of one key meet if none is late, in the order of time. */
    List<Long> places(long left, long right);

    /** Whether it is for each of them to say if one that comes just in time finds the other. */
    default boolean mayMiss(long left, long right) {
      return false;
    }

    boolean tellsOfLate();

    /** Whether a pair may be there more than once, as others came late. */
    boolean tellsAgain();
  }

  /**
   * @param lower least that the right one comes later
   * @param upper most
   */
  record Within(long lower, long upper, boolean tellsOfLate) implements Rule {
    String name() {
      return PAIRS + "within " + lower + " " + upper + " " + tellsOfLate;
    }

    static Optional<Within> named(String name) {
      if (!name.startsWith(PAIRS + "within ")) {
        return Optional.empty();
      }
      String[] words = name.substring(PAIRS.length()).split(" ");
      return Optional.of(
          new Within(
              Long.parseLong(words[1]), Long.parseLong(words[2]), Boolean.parseBoolean(words[3])));
    }

    @Override
    public List<Long> places(long left, long right) {
      long apart = right - left;
      return apart >= lower && apart <= upper ? List.of(ANYWHERE) : List.of();
    }

    /** The watermark that is as far as the later one lets the earlier one go. */
    @Override
    public boolean mayMiss(long left, long right) {
      long apart = right - left;
      return apart == upper && upper >= 0 || apart == lower && lower <= 0;
    }

    @Override
    public boolean tellsAgain() {
      return false;
    }
  }

  private record InWindows(PlainWindows windows) implements Rule {
    @Override
    public List<Long> places(long left, long right) {
      var common = new ArrayList<>(windows.intervals(List.of(left)).keySet());
      common.retainAll(windows.intervals(List.of(right)).keySet());
      return common;
    }

    @Override
    public boolean tellsOfLate() {
      return false;
    }

    @Override
    public boolean tellsAgain() {
      return windows.lateness() > 0;
    }
  }

  /** All that is known of items, and of the lines about them. */
  private final class Account {
    final Map<String, Known> items;
    final boolean mayRepeat;
    final List<String> result = new ArrayList<>();
    final TreeSet<String> late = new TreeSet<>();

    /** How often two have met, by both and the place. */
    final TreeMap<String, Integer> met = new TreeMap<>();

    /** The most that one has met another at a place. */
    final TreeMap<String, Integer> most = new TreeMap<>();

    /** The first place at which one has met somebody. */
    final TreeMap<String, Long> since = new TreeMap<>();

    /** Where items of a key have met. */
    final TreeSet<String> places = new TreeSet<>();

    final TreeSet<String> sure;

    /** Items that somebody misses. */
    final TreeSet<String> missed = new TreeSet<>();

    Account(Map<String, Known> items, boolean mayRepeat) {
      this.items = items;
      this.mayRepeat = mayRepeat;
      sure = Punctuality.surelyInTime(punctuality, items.values());
    }

    void read(String line) {
      Matcher pair = PAIR.matcher(line);
      Optional<ItemLines.Window> window = ItemLines.windowIn(line);
      Optional<String> tooLate = ItemLines.lateIn(line);
      if (pair.matches()) {
        var left = items.get(pair.group(2));
        var right = items.get(pair.group(3));
        boolean rightTime =
            left != null
                && right != null
                && right.time() - left.time() == Long.parseLong(pair.group(4));
        met(rightTime, Integer.parseInt(pair.group(1)), left, right, ANYWHERE, line);
      } else if (window.isPresent()) {
        List<String> ids = window.get().ids();
        boolean two = ids.size() == 2;
        boolean inOrder = two && isLeft(ids.get(0));
        var left = two ? items.get(ids.get(inOrder ? 0 : 1)) : null;
        var right = two ? items.get(ids.get(inOrder ? 1 : 0)) : null;
        met(two, window.get().key(), left, right, window.get().start(), line);
      } else if (tooLate.isPresent()) {
        String id = tooLate.get();
        boolean again = !late.add(id) && !mayRepeat;
        if (again || !items.containsKey(id) || sure.contains(id)) {
          result.add("wrong: twice, or an item that nobody has, or in time: " + line);
        }
      } else {
        result.add(line);
      }
    }

    private void met(boolean right, int key, Known one, Known other, long place, String line) {
      boolean may =
          right
              && one != null
              && other != null
              && isLeft(one.id())
              && !isLeft(other.id())
              && key == one.key()
              && one.key() == other.key()
              && rule.places(one.time(), other.time()).contains(place);
      if (!may) {
        result.add("wrong: these do not meet: " + line);
        return;
      }
      int times = met.merge(meeting(one, other, place), 1, Integer::sum);
      most.merge(at(one, place), times, Math::max);
      most.merge(at(other, place), times, Math::max);
      since.merge(one.id(), place, Math::min);
      since.merge(other.id(), place, Math::min);
      places.add(one.key() + " " + place);
    }

    private static String meeting(Known one, Known other, long place) {
      return one.id() + " " + other.id() + " " + place;
    }

    private static String at(Known one, long place) {
      return one.id() + " " + place;
    }

    private static boolean isLeft(String id) {
      return LateJoins.isLeft(ItemLines.numberOf(id));
    }

    void judge() {
      for (Known left : items.values()) {
        for (Known right : items.values()) {
          if (left.key() == right.key() && isLeft(left.id()) && !isLeft(right.id())) {
            for (long place : rule.places(left.time(), right.time())) {
              judge(left, right, place);
            }
          }
        }
      }
      for (Known item : items.values()) {
        if (late.contains(item.id()) && since.containsKey(item.id()) && !mayRepeat) {
          result.add("wrong: " + item.line() + " has met somebody, and is late");
        }
        if (!missed.contains(item.id())) {
          result.add(item.line());
        }
      }
    }

    private void judge(Known left, Known right, long place) {
      int times = met.getOrDefault(meeting(left, right, place), 0);
      if (times > 0) {
        // As often as their window has told of both: since the later of them came.
        int should =
            rule.tellsAgain() ? Math.min(most.get(at(left, place)), most.get(at(right, place))) : 1;
        if (times != should && !mayRepeat) {
          result.add("wrong: " + left.line() + " and " + right.line() + " met " + times + " times");
        }
      } else if (!rule.mayMiss(left.time(), right.time())) {
        boolean told = rule instanceof Within || places.contains(left.key() + " " + place);
        if (!mayRepeat && told && isHere(left, place) && isHere(right, place)) {
          result.add("wrong: " + left.line() + " and " + right.line() + " have not met");
        } else if (isInTime(left, place) && isInTime(right, place)) {
          missed.add(left.id());
          missed.add(right.id());
        }
      }
    }

    /** Whether it has been there by the last of all checkpoints. */
    private boolean isHere(Known item, long place) {
      return since.getOrDefault(item.id(), Long.MAX_VALUE) <= place;
    }

    private boolean isInTime(Known item, long place) {
      return rule.tellsOfLate()
          ? !late.contains(item.id())
          : sure.contains(item.id()) || !mayRepeat && isHere(item, place);
    }
  }

  @Override
  public List<String> told(List<String> expected, List<String> visible, boolean mayRepeat) {
    var account = new Account(ItemLines.known(expected), mayRepeat);
    visible.forEach(account::read);
    account.judge();
    if (!account.met.isEmpty()) {
      trace.hit("items of two streams met, some late");
    }
    account.late.forEach(item -> trace.hit("item came late for a join"));
    account.result.sort(null);
    return account.result;
  }
}
