package io.millrace.runtime.task;

import io.millrace.api.metrics.Metrics;
import io.millrace.runtime.task.TaskEvent.Measured;
import io.millrace.runtime.task.TaskEvent.Measurement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Tells metrics the time, and others what they say: now and then, and when the task ends. All of it
 * on the task's thread, which owns them; what leaves is a copy.
 */
final class Measuring {
  static final Measuring NOTHING = new Measuring(List.of(), Duration.ZERO, event -> {});

  private final List<Link> links;
  private final long intervalMillis;
  private final Consumer<TaskEvent> events;
  private long nowMillis;
  private long updateAtMillis = Long.MIN_VALUE;

  /** {@code Long.MIN_VALUE} until the time is known. */
  private long tellAtMillis = Long.MIN_VALUE;

  /**
   * @param interval 0 to tell at the end only
   */
  Measuring(List<Link> links, Duration interval, Consumer<TaskEvent> events) {
    this.links = links;
    this.intervalMillis = interval.toMillis();
    this.events = events;
  }

  void advance(long monotonicMillis) {
    nowMillis = monotonicMillis;
    if (monotonicMillis >= updateAtMillis) {
      updateAtMillis = monotonicMillis + Metrics.UPDATE_MILLIS;
      links.forEach(link -> link.metrics().update(monotonicMillis));
    }
    if (intervalMillis > 0 && monotonicMillis >= tellAtMillis) {
      if (tellAtMillis != Long.MIN_VALUE) {
        tell();
      }
      tellAtMillis = monotonicMillis + intervalMillis;
    }
  }

  /** When {@link #advance} should come next; never if that would change nothing. */
  long dueAtMillis() {
    long due = Long.MAX_VALUE;
    for (Link link : links) {
      if (link.metrics().needTime()) {
        due = Math.min(due, updateAtMillis);
      }
      if (intervalMillis > 0 && !link.metrics().isEmpty()) {
        due = Math.min(due, tellAtMillis);
      }
    }
    return due;
  }

  void tell() {
    List<Measurement> all = read();
    if (!all.isEmpty()) {
      events.accept(new Measured(all));
    }
  }

  List<Measurement> read() {
    links.forEach(link -> link.metrics().update(nowMillis));
    return links.stream()
        .filter(link -> !link.metrics().isEmpty())
        .map(link -> new Measurement(link.operatorName(), link.metrics().read()))
        .toList();
  }
}
