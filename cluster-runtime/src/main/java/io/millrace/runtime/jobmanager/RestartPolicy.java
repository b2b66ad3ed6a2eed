package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What a failure leads to: another start after some time, or the end of the job. */
final class RestartPolicy {
  private static final int SAME_USER_FAILURES = 3;

  private final Configuration settings;
  private final String strategy;
  private final RandomGenerator random;
  private final TreeMap<String, Integer> userFailures = new TreeMap<>();

  /** Those of the interval that the strategy counts in, in order; empty under other strategies. */
  private final List<Clock> recent = new ArrayList<>();

  private boolean inherited;
  private int restarts;
  private int inARow;
  private long lastFailureMillis = Long.MIN_VALUE;

  RestartPolicy(Configuration settings, RandomGenerator random) {
    this.settings = settings;
    this.strategy = settings.get(JobSettings.RESTART_STRATEGY);
    this.random = random;
  }

  /** What to do. */
  sealed interface Decision {}

  record Restart(Duration delay) implements Decision {}

  /**
   * @param failure the one to show, with the reason why there is no further start
   */
  record GiveUp(Failure failure) implements Decision {}

  int restarts() {
    return restarts;
  }

  /**
   * What earlier JobManagers have counted, in addition to what this one has, which may have failed
   * to claim the job before it knew. Only the first call counts: later claims show the same record,
   * or one of this JobManager's own. How many of those restarts came in a row is not known, so all
   * of them did.
   *
   * @param failuresWallMillis what {@link #recentFailures} gave for the record
   */
  void inherit(int earlier, List<Long> failuresWallMillis, Clock now) {
    if (inherited) {
      return;
    }
    inherited = true;
    for (long each : failuresWallMillis) {
      // What lies ahead of this machine's clock has happened all the same.
      long ago = Math.max(0, now.wallMillis() - each);
      recent.add(new Clock(now.monotonicMillis() - ago, each));
    }
    recent.sort(Comparator.comparingLong(Clock::monotonicMillis));
    if (earlier > 0) {
      inARow += earlier;
      restarts += earlier;
      lastFailureMillis = now.monotonicMillis();
    }
  }

  /**
   * When the failures were that the rate of failures is counted from, by the wall clock, which is
   * all that another machine's JobManager can tell time by.
   */
  List<Long> recentFailures() {
    return recent.stream().map(Clock::wallMillis).toList();
  }

  /** A checkpoint has completed: the job gets on, so what failed before may be told apart. */
  void checkpointCompleted() {
    userFailures.clear();
  }

  Decision decide(Failure failure, Clock now) {
    if (!failure.canHeal()) {
      return new GiveUp(failure);
    }
    if (failure.kind() == Failure.Kind.USER) {
      int same =
          userFailures.merge(failure.operator() + "\n" + failure.rootType(), 1, Integer::sum);
      if (same >= SAME_USER_FAILURES) {
        return new GiveUp(
            because(failure, "failed " + same + " times without a checkpoint between"));
      }
    }
    Decision decision =
        switch (strategy) {
          case "none" -> new GiveUp(because(failure, "restart strategy none"));
          case "fixed-delay" -> fixed(failure);
          case "failure-rate" -> rated(failure, now);
          default -> exponential(failure, now);
        };
    lastFailureMillis = now.monotonicMillis();
    if (decision instanceof Restart) {
      restarts++;
      inARow++;
    }
    return decision;
  }

  private Decision fixed(Failure failure) {
    int attempts = settings.get(JobSettings.FIXED_DELAY_ATTEMPTS);
    return restarts < attempts
        ? new Restart(settings.get(JobSettings.FIXED_DELAY))
        : new GiveUp(because(failure, "all " + attempts + " restarts are used up"));
  }

  /** As many failures are allowed in any interval as the setting says; one more ends the job. */
  private Decision rated(Failure failure, Clock now) {
    Duration interval = settings.get(JobSettings.FAILURE_RATE_INTERVAL);
    int most = settings.get(JobSettings.FAILURE_RATE_MAX);
    recent.removeIf(each -> now.monotonicMillis() - each.monotonicMillis() > interval.toMillis());
    recent.add(now);
    return recent.size() <= most
        ? new Restart(settings.get(JobSettings.FAILURE_RATE_DELAY))
        : new GiveUp(
            because(
                failure,
                recent.size()
                    + " failures within "
                    + interval.toMillis()
                    + " ms, allowed "
                    + most));
  }

  private Decision exponential(Failure failure, Clock now) {
    long quiet = settings.get(JobSettings.EXPONENTIAL_RESET).toMillis();
    if (lastFailureMillis != Long.MIN_VALUE && now.monotonicMillis() - lastFailureMillis >= quiet) {
      inARow = 0;
    }
    int attempts = settings.get(JobSettings.EXPONENTIAL_ATTEMPTS);
    if (inARow >= attempts) {
      return new GiveUp(because(failure, attempts + " restarts in a row"));
    }
    double initial = settings.get(JobSettings.EXPONENTIAL_INITIAL).toMillis();
    double longest = settings.get(JobSettings.EXPONENTIAL_MAX).toMillis();
    double grown = initial * Math.pow(settings.get(JobSettings.EXPONENTIAL_MULTIPLIER), inARow);
    double delay = Math.min(grown, longest);
    double jitter = settings.get(JobSettings.EXPONENTIAL_JITTER) * delay;
    double varied = Math.min(delay + jitter * (2 * random.nextDouble() - 1), longest);
    return new Restart(Duration.ofMillis(Math.round(varied)));
  }

  private static Failure because(Failure failure, String reason) {
    return new Failure(
        failure.kind(),
        false,
        failure.operator(),
        failure.subtask(),
        failure.rootType(),
        failure.message() + " (no further restart: " + reason + ")",
        failure.trace());
  }
}
