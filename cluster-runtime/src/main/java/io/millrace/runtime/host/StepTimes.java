package io.millrace.runtime.host;

import io.millrace.runtime.protocol.AttemptId;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the steps of a slot take, for people: everything else in the slot waits for each of
 * them. The longest since the last time is told as a metric of the slot; one that is far too long,
 * when it has happened. Used by the slot's thread alone, but for {@link #longest}.
 */
final class StepTimes {
  private static final Logger LOG = LoggerFactory.getLogger(SlotThread.class);

  /** Where the metrics of operators go. */
  private static final Logger METRICS = LoggerFactory.getLogger("io.millrace.metrics");

  private static final long WARN_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** For one record or timer: where the budget is no larger, nothing else is to blame. */
  private static final long WARN_RECORD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long WARN_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final String slot;
  private final long intervalNanos;
  private final Consumer<String> metrics;
  private final Consumer<String> warnings;

  private volatile Longest longest = Longest.NONE;

  private Longest recent = Longest.NONE;
  private AttemptId recentAttempt;
  private boolean anyTold;
  private long lastToldNanos;
  private boolean anyWarning;
  private long lastWarningNanos;

  /**
   * The longest step of a slot since its process started.
   *
   * @param operators that were stepped, empty before the first step
   */
  record Longest(long nanos, String operators) {
    static final Longest NONE = new Longest(0, "");
  }

  /**
   * @param interval from one line of metrics to the next; 0 for those at the end of tasks only
   */
  StepTimes(String slot, Duration interval, Consumer<String> metrics, Consumer<String> warnings) {
    this.slot = slot;
    this.intervalNanos = interval.toNanos();
    this.metrics = metrics;
    this.warnings = warnings;
  }

  /** Of a slot, into the log. */
  static StepTimes of(String slot, Duration interval) {
    return new StepTimes(
        slot, interval, line -> METRICS.info("{}", line), line -> LOG.warn("{}", line));
  }

  /** Of a thread that is there to wait: nobody waits for it. */
  static StepTimes ofWaiting() {
    return new StepTimes("", Duration.ZERO, line -> {}, line -> {});
  }

  Longest longest() {
    return longest;
  }

  /**
   * A step has ended.
   *
   * @param budget how many records it might have handled
   */
  void took(long nanos, int budget, String operators, AttemptId attempt, long nowNanos) {
    if (nanos > recent.nanos) {
      recent = new Longest(nanos, operators);
      recentAttempt = attempt;
      if (nanos > longest.nanos) {
        longest = recent;
      }
    }
    boolean tooLong = nanos > (budget == 1 ? WARN_RECORD_NANOS : WARN_STEP_NANOS);
    if (tooLong && !(anyWarning && nowNanos - lastWarningNanos <= WARN_EVERY_NANOS)) {
      anyWarning = true;
      lastWarningNanos = nowNanos;
      warnings.accept(
          String.format(
              Locale.ROOT,
              "One step of '%s' (%s) took %d ms; while it lasts, everything else in its slot waits."
                  + " If its functions wait for something, declare them blocking()",
              operators,
              attempt,
              TimeUnit.NANOSECONDS.toMillis(nanos)));
    }
  }

  /** Tells the longest step since the last time, if it is time. */
  void tellIfDue(long nowNanos) {
    if (intervalNanos == 0 || anyTold && nowNanos - lastToldNanos < intervalNanos) {
      return;
    }
    if (anyTold) {
      tell(nowNanos);
    }
    anyTold = true;
    lastToldNanos = nowNanos;
  }

  /** Tells the longest step since the last time, if there was one. */
  void tell(long nowNanos) {
    if (recent.nanos > 0) {
      metrics.accept(
          String.format(
              Locale.ROOT,
              "slot '%s' longestStepMillis=%.3f longestStepOperators='%s' [%s]",
              slot,
              recent.nanos / 1e6,
              recent.operators,
              recentAttempt));
    }
    recent = Longest.NONE;
    recentAttempt = null;
    anyTold = true;
    lastToldNanos = nowNanos;
  }
}
