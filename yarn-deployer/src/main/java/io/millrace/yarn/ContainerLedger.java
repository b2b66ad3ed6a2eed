package io.millrace.yarn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which containers are wanted, asked for and held. Knows neither YARN nor a clock; one thread calls
 * it.
 *
 * @param <C> containers
 */
final class ContainerLedger<C> {
  /** A container that ends sooner counts as a failed start. */
  private static final long EARLY_MILLIS = 10_000;

  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  /** So many failed starts in a row, and more starts would not help. */
  private static final int MOST_EARLY_ENDS = 10;

  /** Failed starts that are further apart are not in a row. */
  private static final long ROW_MILLIS = 10 * 60_000;

  /** How long YARN may take to tell that a container has ended which is known to be dead. */
  private static final long BELIEF_MILLIS = 5_000;

  /**
   * For which the machines' time belongs to the jobs that begin, or recover from the loss of a
   * container, and not to the start of another one in reserve.
   */
  private static final long RESERVE_PAUSE_MILLIS = 5_000;

  private final int reserve;
  private final TreeMap<String, Held<C>> held = new TreeMap<>();
  private final TreeMap<String, Given<C>> givenUp = new TreeMap<>();
  private int wanted;
  private int asked;
  private int earlyEnds;
  private long lastEarlyEnd;
  private long notBefore = Long.MIN_VALUE;
  private long noReserveBefore = Long.MIN_VALUE;

  /**
   * @param sinceMillis when it was started, as far as is known
   */
  private record Held<C>(C container, long sinceMillis) {}

  private record Given<C>(Held<C> held, long atMillis) {}

  /** How a container ended. */
  enum End {
    /** One of those that come and go. */
    USUAL,
    /** As soon as it was started. */
    EARLY,
    /** The last of many that ended as soon as they were started. */
    HOPELESS
  }

  /**
   * A container that was held is not there any more.
   *
   * @param news whether it had not been given up before
   */
  record Ended<C>(C container, End end, boolean news) {}

  /**
   * @param reserve how many of those that are wanted nobody needs yet
   */
  ContainerLedger(int reserve) {
    this.reserve = reserve;
  }

  /** So many, those in reserve included. */
  void want(int containers, long nowMillis) {
    if (containers > wanted) {
      putReserveOff(nowMillis);
    }
    wanted = containers;
  }

  /** Not again and again, or there would never be one. */
  private void putReserveOff(long nowMillis) {
    if (nowMillis >= noReserveBefore) {
      noReserveBefore = nowMillis + RESERVE_PAUSE_MILLIS;
    }
  }

  /** Requests to send (positive) or to take back (negative); the caller does so at once. */
  int balance(long nowMillis) {
    int missing = Math.max(0, wanted - held.size());
    boolean withReserve = nowMillis >= noReserveBefore;
    int due = withReserve ? missing : Math.max(needed(), Math.min(asked, missing));
    int change = due - asked;
    if (change > 0 && nowMillis < notBefore) {
      return 0;
    }
    asked += change;
    return change;
  }

  /** How many are missing that may not wait. */
  private int needed() {
    return Math.max(0, wanted - reserve - held.size());
  }

  /** How many are missing for which none was asked yet. */
  int unasked() {
    return Math.max(0, wanted - held.size() - asked);
  }

  /** Whether YARN's answer is awaited, or the time to ask for what is needed. */
  boolean waiting() {
    return asked > 0 || needed() > 0;
  }

  /** YARN gave a container for a request; false if it is one too many and must go back. */
  boolean take(String id, C container, long nowMillis) {
    asked = Math.max(0, asked - 1);
    if (held.size() >= wanted) {
      return false;
    }
    held.put(id, new Held<>(container, nowMillis));
    return true;
  }

  /** A container of an earlier attempt runs on; false if that is known, or it was given up. */
  boolean keep(String id, C container, long nowMillis) {
    return !givenUp.containsKey(id)
        && held.putIfAbsent(id, new Held<>(container, nowMillis - EARLY_MILLIS)) == null;
  }

  /** The container has ended, or never started; empty if nobody held it. */
  Optional<Ended<C>> ended(String id, long nowMillis) {
    Given<C> expected = givenUp.remove(id);
    Held<C> gone = expected == null ? held.remove(id) : expected.held();
    if (gone != null && expected == null) {
      putReserveOff(nowMillis);
    }
    return Optional.ofNullable(gone)
        .map(one -> new Ended<>(one.container(), endOf(one, nowMillis), expected == null));
  }

  private End endOf(Held<C> gone, long nowMillis) {
    if (nowMillis - gone.sinceMillis() >= EARLY_MILLIS) {
      earlyEnds = 0;
      return End.USUAL;
    }
    earlyEnds = nowMillis - lastEarlyEnd > ROW_MILLIS ? 1 : earlyEnds + 1;
    lastEarlyEnd = nowMillis;
    // The first one is replaced at once: it may well have been killed rather than be broken.
    if (earlyEnds > 1) {
      long pause =
          Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(20, earlyEnds - 2));
      notBefore = nowMillis + pause;
    }
    if (earlyEnds >= MOST_EARLY_ENDS) {
      earlyEnds = 0;
      return End.HOPELESS;
    }
    return End.EARLY;
  }

  /**
   * The container is most likely dead: another one is wanted, and its end is still awaited.
   *
   * @return empty if nobody held it
   */
  Optional<C> giveUp(String id, long nowMillis) {
    Held<C> gone = held.remove(id);
    if (gone != null) {
      givenUp.put(id, new Given<>(gone, nowMillis));
      putReserveOff(nowMillis);
    }
    return Optional.ofNullable(gone).map(Held::container);
  }

  /** Containers that were given up but seem to live on; they are to be given back. */
  List<C> survivors(long nowMillis) {
    var survivors = new ArrayList<C>();
    givenUp
        .values()
        .removeIf(
            given -> {
              boolean late = nowMillis - given.atMillis() >= BELIEF_MILLIS;
              if (late) {
                survivors.add(given.held().container());
              }
              return late;
            });
    return survivors;
  }

  /** All containers that are held, by id. */
  Map<String, C> held() {
    var all = new TreeMap<String, C>();
    held.forEach((id, one) -> all.put(id, one.container()));
    return all;
  }

  /** The container is given back on purpose; null if it is not held. */
  C release(String id) {
    Held<C> gone = held.remove(id);
    return gone == null ? null : gone.container();
  }

  List<C> releaseAll() {
    var all = new ArrayList<C>();
    held.values().forEach(one -> all.add(one.container()));
    givenUp.values().forEach(one -> all.add(one.held().container()));
    givenUp.clear();
    held.clear();
    wanted = 0;
    return all;
  }
}
