package io.millrace.api.executor;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A submitted job, seen from the program that submitted it. */
public interface JobClient {
  /** 32 lower-case hex digits. */
  String jobId();

  /**
   * Waits for the end of the job.
   *
   * @throws JobFailedException if it ends any other way than finished
   */
  Result await() throws InterruptedException, JobFailedException;

  /**
   * What its accumulators have come to, by name, as of its newest completed checkpoint: what sinks
   * have shown is counted, each record once. Of a job that has finished, the results.
   *
   * @throws java.io.UncheckedIOException if that cannot be asked
   */
  Map<String, Object> getAccumulators() throws InterruptedException;

  /** Asks the job to cancel; {@link #await} tells when it has. */
  void cancel();

  /**
   * A job that has finished.
   *
   * @param accumulators the results of all its accumulators, by name
   */
  record Result(String jobId, Duration runtime, Map<String, Object> accumulators) {
    public Result {
      accumulators = Collections.unmodifiableMap(new TreeMap<>(accumulators));
    }

    /** Without accumulators. */
    public Result(String jobId, Duration runtime) {
      this(jobId, runtime, Map.of());
    }

    public String getJobID() {
      return jobId;
    }

    /** In milliseconds. */
    public long getNetRuntime() {
      return runtime.toMillis();
    }

    /** In whole units. */
    public long getNetRuntime(TimeUnit unit) {
      return unit.convert(runtime);
    }

    /** The result of the accumulators of that name; null if there are none. */
    @SuppressWarnings("unchecked") // whoever asks knows what was added
    public <T> T getAccumulatorResult(String name) {
      return (T) accumulators.get(name);
    }

    public Map<String, Object> getAllAccumulatorResults() {
      return accumulators;
    }
  }

  /** A job that has failed or was cancelled. */
  final class JobFailedException extends Exception {
    private final boolean cancelled;
    private final transient Map<String, Object> accumulators;

    public JobFailedException(String message, boolean cancelled) {
      this(message, cancelled, Map.of());
    }

    /**
     * @param accumulators by name, as of the newest completed checkpoint
     */
    public JobFailedException(String message, boolean cancelled, Map<String, Object> accumulators) {
      super(message);
      this.cancelled = cancelled;
      this.accumulators = Collections.unmodifiableMap(new TreeMap<>(accumulators));
    }

    /**
     * What its accumulators had come to, by name, at its newest completed checkpoint; empty if that
     * is not known. A run that goes on from there goes on with them.
     */
    public Map<String, Object> accumulators() {
      return accumulators;
    }

    public boolean cancelled() {
      return cancelled;
    }
  }
}
