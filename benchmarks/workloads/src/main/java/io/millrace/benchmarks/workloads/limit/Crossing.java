package io.millrace.benchmarks.workloads.limit;

import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Lanes that each generate their share of the events, round by round, and hand every event to the
 * lane of its key. A lane takes a round once it has come from all lanes, so that events are out of
 * order by no more than a round.
 */
final class Crossing {
  private static final int LANES = Workload.PARALLELISM;

  /** Events that a lane generates in a round. */
  private static final int ROUND = 1024;

  /** Rounds that may be on their way from one lane to another: a power of two. */
  private static final int WAITING = 32;

  private static final int SPINS = 100;
  private static final long PAUSE_NANOS = 20_000;
  private static final long SCATTER = 0x9E3779B97F4A7C15L;

  private final Work work;
  private final long events;
  private final long rounds;

  /** What goes from lane i to lane j, at [i][j]; null where a round may be put. */
  private final AtomicReferenceArray<Handful>[][] rings;

  @SuppressWarnings({"unchecked", "rawtypes"}) // arrays of generic types cannot be made
  Crossing(Work work, long events) {
    this.work = work;
    this.events = events;
    this.rounds = (events + LANES * ROUND - 1) / (LANES * ROUND);
    this.rings = new AtomicReferenceArray[LANES][LANES];
    for (AtomicReferenceArray<Handful>[] from : rings) {
      for (int to = 0; to < LANES; to++) {
        from[to] = new AtomicReferenceArray<>(WAITING);
      }
    }
  }

  private static final class Handful {
    final Event[] events = new Event[ROUND];
    int size;
  }

  void run(int lane) {
    Work.Station station = work.station();
    long generated = 0;
    long taken = 0;
    int idle = 0;
    while (taken < rounds) {
      boolean moved = false;
      if (generated < rounds && hasRoom(lane, generated)) {
        generate(lane, generated++);
        moved = true;
      }
      if (hasCome(lane, taken)) {
        take(lane, taken++, station);
        moved = true;
      }
      idle = moved ? 0 : idle + 1;
      if (idle > SPINS) {
        LockSupport.parkNanos(PAUSE_NANOS);
      } else if (idle > 0) {
        Thread.onSpinWait();
      }
    }
    station.end();
  }

  private static int place(long round) {
    return (int) round & WAITING - 1;
  }

  private boolean hasRoom(int lane, long round) {
    for (AtomicReferenceArray<Handful> ring : rings[lane]) {
      if (ring.getAcquire(place(round)) != null) {
        return false;
      }
    }
    return true;
  }

  private boolean hasCome(int lane, long round) {
    for (AtomicReferenceArray<Handful>[] from : rings) {
      if (from[lane].getAcquire(place(round)) == null) {
        return false;
      }
    }
    return true;
  }

  private void generate(int lane, long round) {
    var handfuls = new Handful[LANES];
    for (int to = 0; to < LANES; to++) {
      handfuls[to] = new Handful();
    }
    long first = round * ROUND * LANES + lane;
    long end = Math.min(events, (round + 1) * ROUND * LANES);
    for (long number = first; number < end; number += LANES) {
      Event event = EventGenerator.event(number);
      if (work.wants(event)) {
        Handful handful = handfuls[(int) ((work.key(event) * SCATTER >>> 32) * LANES >>> 32)];
        handful.events[handful.size++] = event;
      }
    }
    for (int to = 0; to < LANES; to++) {
      rings[lane][to].setRelease(place(round), handfuls[to]);
    }
  }

  private void take(int lane, long round, Work.Station station) {
    Handful one = rings[0][lane].getAcquire(place(round));
    Handful other = rings[1][lane].getAcquire(place(round));
    int left = 0;
    int right = 0;
    while (left < one.size && right < other.size) {
      boolean first = one.events[left].time <= other.events[right].time;
      station.take(first ? one.events[left++] : other.events[right++]);
    }
    while (left < one.size) {
      station.take(one.events[left++]);
    }
    while (right < other.size) {
      station.take(other.events[right++]);
    }
    station.passed((round + 1) * ROUND * LANES / EventGenerator.EVENTS_PER_MILLI);
    for (AtomicReferenceArray<Handful>[] from : rings) {
      from[lane].setRelease(place(round), null);
    }
  }
}
