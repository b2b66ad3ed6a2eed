package io.millrace.runtime.jobmanager;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Failure;
import java.time.Duration;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** What a failure leads to: another start after some time, or the end of the job. */
final class RestartPolicy {
  private static final int SAME_USER_FAILURES = 3;

  private final Configuration settings;
  private final String strategy;
  private final RandomGenerator random;
  private final TreeMap<String, Integer> userFailures = new TreeMap<>();
  private int restarts;
  private int inARow;
  private long lastFailureMillis = Long.MIN_VALUE;

  /**
   * @param restarts of the job so far, by an earlier JobManager too
   */
  RestartPolicy(Configuration settings, int restarts, RandomGenerator random) {
    this.settings = settings;
    this.strategy = settings.get(JobSettings.RESTART_STRATEGY);
    this.restarts = restarts;
    this.inARow = restarts;
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
   * Restarts that the job's deployment record counts. What this JobManager has not counted itself,
   * an earlier one did; how many of those came in a row is not known, so all of them did.
   */
  void inherit(int recorded, Clock now) {
    if (recorded > restarts) {
      inARow += recorded - restarts;
      restarts = recorded;
      lastFailureMillis = now.monotonicMillis();
    }
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
