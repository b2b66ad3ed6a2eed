package io.millrace.api.metrics;

import java.util.ArrayDeque;

/** The average rate over the last seconds, of events that are marked here or counted elsewhere. */
public final class MeterView implements Meter, View {
  private static final int DEFAULT_SECONDS = 60;

  private record Mark(long millis, long count) {}

  private final Counter counter;
  private final long spanMillis;

  /** Oldest first; the first is the youngest that is at least the span old, if one is. */
  private final ArrayDeque<Mark> marks = new ArrayDeque<>();

  private double rate;

  /**
   * @param seconds that the rate is an average of, at least 1
   */
  public MeterView(int seconds) {
    this(new Counter(), seconds);
  }

  /** Over a minute. */
  public MeterView(Counter counter) {
    this(counter, DEFAULT_SECONDS);
  }

  public MeterView(Counter counter, int seconds) {
    if (seconds < 1) {
      throw new IllegalArgumentException(
          "a rate is an average of at least 1 second, found " + seconds);
    }
    this.counter = counter;
    this.spanMillis = seconds * 1_000L;
  }

  @Override
  public void markEvent() {
    counter.inc();
  }

  @Override
  public void markEvent(long events) {
    counter.inc(events);
  }

  @Override
  public long getCount() {
    return counter.getCount();
  }

  /** As of the last update; 0 before there were two. */
  @Override
  public double getRate() {
    return rate;
  }

  @Override
  public void update(long monotonicMillis) {
    if (marks.size() > 1 && marks.getLast().millis() == monotonicMillis) {
      marks.removeLast();
    }
    if (marks.isEmpty() || marks.getLast().millis() < monotonicMillis) {
      marks.add(new Mark(monotonicMillis, counter.getCount()));
    }
    while (marks.size() > 2 && secondAge(monotonicMillis) >= spanMillis) {
      marks.removeFirst();
    }
    Mark first = marks.getFirst();
    long millis = monotonicMillis - first.millis();
    rate = millis == 0 ? 0 : (counter.getCount() - first.count()) * 1_000.0 / millis;
  }

  private long secondAge(long monotonicMillis) {
    var each = marks.iterator();
    each.next();
    return monotonicMillis - each.next().millis();
  }
}
