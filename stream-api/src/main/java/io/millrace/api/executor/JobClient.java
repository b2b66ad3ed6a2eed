package io.millrace.api.executor;

import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A submitted job, seen from the program that submitted it. Only {@link #await} waits; everything
 * else is a future, which threads of the client complete: with an IOException if the cluster cannot
 * be asked or refuses, and with what else is said there. To cancel a future changes nothing about
 * the job.
 */
public interface JobClient {
  /** 32 lower-case hex digits. */
  String getJobID();

  /** What the job does now; {@code INITIALIZING} while no JobManager has begun with it. */
  CompletableFuture<JobStatus> getJobStatus();

  /**
   * Asks the job to cancel. Done once that is durable, so that no failure can undo it; {@link
   * #await} tells when the job has ended. Nothing happens to a job that has ended.
   */
  CompletableFuture<Void> cancel();

  /** The same with the default format. */
  default CompletableFuture<String> stopWithSavepoint(
      boolean advanceToEndOfEventTime, String savepointDirectory) {
    return stopWithSavepoint(
        advanceToEndOfEventTime, savepointDirectory, SavepointFormatType.DEFAULT);
  }

  /**
   * Ends the job, FINISHED, with a savepoint that holds all of it. Done once it has ended. If there
   * is no savepoint the job goes on.
   *
   * @param advanceToEndOfEventTime whether the input counts as ended: all timers by event time fire
   *     before the savepoint, so that nothing sensible can start from it
   * @param savepointDirectory below which the savepoint is made; null for {@code
   *     execution.checkpointing.savepoint-dir}. Where the job runs in the JVM of the program, the
   *     savepoint lies in memory, as its path says, and goes with the job.
   * @return the savepoint's path
   */
  CompletableFuture<String> stopWithSavepoint(
      boolean advanceToEndOfEventTime, String savepointDirectory, SavepointFormatType formatType);

  /** The same with the default format. */
  default CompletableFuture<String> triggerSavepoint(String savepointDirectory) {
    return triggerSavepoint(savepointDirectory, SavepointFormatType.DEFAULT);
  }

  /**
   * Takes a savepoint of the job, which goes on. Done once it is whole.
   *
   * @param savepointDirectory as in {@link #stopWithSavepoint(boolean, String,
   *     SavepointFormatType)}
   * @return the savepoint's path
   */
  CompletableFuture<String> triggerSavepoint(
      String savepointDirectory, SavepointFormatType formatType);

  /**
   * What its accumulators have come to, by name, as of its newest completed checkpoint: what sinks
   * have shown is counted, each record once. Of a job that has finished, the results.
   */
  CompletableFuture<Map<String, Object>> getAccumulators();

  /**
   * Done at the end of the job; with a {@link JobFailedException} if it ends any other way than
   * finished. Of a job that the command line has submitted detached, nothing is known but its id.
   */
  CompletableFuture<Result> getJobExecutionResult();

  /**
   * Waits for the end of the job.
   *
   * @throws JobFailedException if it ends any other way than finished
   */
  Result await() throws InterruptedException, JobFailedException;

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
