package io.millrace.api.config;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happens to a job after a failure, under the names of the DataStream API: for {@code
 * env.setRestartStrategy(...)}. Each is a value of {@code restart-strategy.type} with its keys.
 */
public final class RestartStrategies {
  /** One of them. */
  public static final class RestartStrategyConfiguration {
    private final String description;
    private final Map<String, String> settings;

    private RestartStrategyConfiguration(String description, Map<String, String> settings) {
      this.description = description;
      this.settings = Map.copyOf(settings);
    }

    /** For people. */
    public String getDescription() {
      return description;
    }

    /** Keys and values; none for what the cluster says. */
    public Map<String, String> toMap() {
      return new TreeMap<>(settings);
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof RestartStrategyConfiguration that && settings.equals(that.settings);
    }

    @Override
    public int hashCode() {
      return settings.hashCode();
    }

    @Override
    public String toString() {
      return description;
    }
  }

  /** The first failure ends the job. */
  public static RestartStrategyConfiguration noRestart() {
    return new RestartStrategyConfiguration(
        "no restart", Map.of(JobSettings.RESTART_STRATEGY.key(), "none"));
  }

  /** What the cluster's settings say. */
  public static RestartStrategyConfiguration fallBackRestart() {
    return new RestartStrategyConfiguration("as the cluster's settings say", Map.of());
  }

  /** See {@link #fixedDelayRestart(int, Duration)}. */
  public static RestartStrategyConfiguration fixedDelayRestart(int attempts, long delayMillis) {
    return fixedDelayRestart(attempts, Duration.ofMillis(delayMillis));
  }

  /**
   * Restarts after always the same time.
   *
   * @param attempts restarts before the job fails, at least 0
   * @param delay at least 0, to the millisecond
   */
  public static RestartStrategyConfiguration fixedDelayRestart(int attempts, Duration delay) {
    return new RestartStrategyConfiguration(
        "at most " + attempts + " restarts, " + delay.toMillis() + " ms after each failure",
        checked(
            Map.of(
                JobSettings.RESTART_STRATEGY,
                "fixed-delay",
                JobSettings.FIXED_DELAY_ATTEMPTS,
                Integer.toString(attempts),
                JobSettings.FIXED_DELAY,
                delay.toMillis() + " ms")));
  }

  /**
   * Restarts after always the same time, unless failures come too often: so many are allowed within
   * any interval, one more ends the job. They are counted across JobManagers.
   *
   * @param failureRate failures within an interval, at least 1
   * @param failureInterval at least 1 ms
   * @param delayInterval before each restart, at least 0, to the millisecond
   */
  public static RestartStrategyConfiguration failureRateRestart(
      int failureRate, Duration failureInterval, Duration delayInterval) {
    if (failureInterval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the interval in which failures are counted must be at least 1 ms, found "
              + failureInterval);
    }
    return new RestartStrategyConfiguration(
        "restarts "
            + delayInterval.toMillis()
            + " ms after each failure while there are at most "
            + failureRate
            + " within "
            + failureInterval.toMillis()
            + " ms",
        checked(
            Map.of(
                JobSettings.RESTART_STRATEGY,
                "failure-rate",
                JobSettings.FAILURE_RATE_MAX,
                Integer.toString(failureRate),
                JobSettings.FAILURE_RATE_INTERVAL,
                failureInterval.toMillis() + " ms",
                JobSettings.FAILURE_RATE_DELAY,
                delayInterval.toMillis() + " ms")));
  }

  /**
   * Restarts after a time that grows from failure to failure, without end.
   *
   * @param initialBackoff before the first restart
   * @param maxBackoff that it grows to at most
   * @param backoffMultiplier by which it grows, 1 to 100
   * @param resetBackoffThreshold without failure, after which it begins anew
   * @param jitterFactor the random part of it, 0 to 1
   */
  public static RestartStrategyConfiguration exponentialDelayRestart(
      Duration initialBackoff,
      Duration maxBackoff,
      double backoffMultiplier,
      Duration resetBackoffThreshold,
      double jitterFactor) {
    return new RestartStrategyConfiguration(
        "restarts after "
            + initialBackoff.toMillis()
            + " ms, growing by "
            + backoffMultiplier
            + " up to "
            + maxBackoff.toMillis()
            + " ms",
        checked(
            Map.of(
                JobSettings.RESTART_STRATEGY,
                "exponential-delay",
                JobSettings.EXPONENTIAL_INITIAL,
                initialBackoff.toMillis() + " ms",
                JobSettings.EXPONENTIAL_MAX,
                maxBackoff.toMillis() + " ms",
                JobSettings.EXPONENTIAL_MULTIPLIER,
                Double.toString(backoffMultiplier),
                JobSettings.EXPONENTIAL_RESET,
                resetBackoffThreshold.toMillis() + " ms",
                JobSettings.EXPONENTIAL_JITTER,
                Double.toString(jitterFactor))));
  }

  /** Refuses what a job would. */
  private static Map<String, String> checked(Map<Setting<?>, String> values) {
    var settings = new TreeMap<String, String>();
    values.forEach(
        (setting, value) -> {
          setting.parse(value);
          settings.put(setting.key(), value);
        });
    return settings;
  }

  private RestartStrategies() {}
}
