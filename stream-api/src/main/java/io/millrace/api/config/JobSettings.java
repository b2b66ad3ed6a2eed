package io.millrace.api.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The settings of one job; a program may set them, and so may the configuration file and the
 * command line.
 */
public final class JobSettings {
  public static final Setting<Integer> PARALLELISM =
      Settings.integer(
          "parallelism.default", "1", 1, 32768, "Subtasks of an operator that does not say.");
  public static final Setting<Integer> MAX_PARALLELISM =
      Settings.integer(
          "pipeline.max-parallelism",
          "128",
          1,
          32768,
          "Key groups of an operator that does not say. Where it is not set, 4096 for one of more than 128 subtasks, and 32768 for one of more than 4096.");
  public static final Setting<Boolean> OBJECT_REUSE =
      Settings.bool(
          "pipeline.object-reuse",
          "false",
          "Hand mutable records on without a copy; only for programs that never touch a record after emitting it.");
  public static final Setting<Boolean> COMBINE =
      Settings.bool(
          "pipeline.combine",
          "true",
          "Aggregate what goes into tumbling and sliding windows of event time before it is sent, where that gives the same results.");
  public static final Setting<Map<String, String>> GLOBAL_PARAMETERS =
      Settings.map(
          "pipeline.global-job-parameters",
          "",
          "Parameters that all functions of the job can read, such as region:eu,limit:'1,000'.");
  public static final Setting<Duration> METRICS_LOG_INTERVAL =
      Settings.duration(
          "metrics.log.interval",
          "1 min",
          "Time from one line with an operator's metrics in the TaskManager's log to the next; 0 leaves only the one when its task ends.");
  public static final Setting<Duration> BUFFER_TIMEOUT =
      Settings.duration(
          "execution.buffer-timeout",
          "10 ms",
          "How long a record may wait for its batch to fill.",
          "execution.buffer-timeout.interval");
  public static final Setting<Duration> WATERMARK_INTERVAL =
      Settings.duration(
          "pipeline.auto-watermark-interval",
          "200 ms",
          "How often generators of watermarks are asked though no record comes; 0 for never, then none finds its input idle either.");
  public static final Setting<Integer> BATCH_RECORDS =
      Settings.integer(
          "exchange.batch.records",
          "512",
          1,
          65536,
          "Most records in a batch; there are fewer where the consumer is slow.");
  public static final Setting<Integer> CHANNEL_BATCHES =
      Settings.integer(
          "exchange.channel.batches", "8", 1, 1024, "Batches that may wait in one channel.");
  public static final Setting<Long> OVERFLOW_MEMORY =
      Settings.bytes(
          "exchange.overflow.memory",
          "16 mb",
          "What a task emits beyond what its consumers can take waits in memory up to this size, beside one batch, then in a file on local disk.");

  public static final Setting<Duration> CHECKPOINT_INTERVAL =
      Settings.duration(
          "execution.checkpointing.interval",
          "10 s",
          "Time from one checkpoint's start to the next; 0 leaves only the final one.");
  public static final Setting<Duration> CHECKPOINT_TIMEOUT =
      Settings.duration(
          "execution.checkpointing.timeout",
          "10 min",
          "A checkpoint not complete by then is given up.");
  public static final Setting<Duration> CHECKPOINT_MIN_PAUSE =
      Settings.duration(
          "execution.checkpointing.min-pause",
          "0 s",
          "Least time from one checkpoint's end to the next one's start.");
  public static final Setting<Integer> CHECKPOINTS_AT_ONCE =
      Settings.integer(
          "execution.checkpointing.max-concurrent-checkpoints",
          "1",
          1,
          1_000,
          "Checkpoints that may be under way at a time; with a min-pause, one.");
  public static final Setting<Integer> TOLERABLE_FAILED_CHECKPOINTS =
      Settings.integer(
          "execution.checkpointing.tolerable-failed-checkpoints",
          "2147483647",
          0,
          Integer.MAX_VALUE,
          "Checkpoints that may fail one after the other before the job is restarted; by default any number.");
  public static final Setting<String> CHECKPOINT_MODE =
      Settings.choice(
          "execution.checkpointing.mode",
          "EXACTLY_ONCE",
          List.of("EXACTLY_ONCE", "AT_LEAST_ONCE"),
          "Whether a task holds back inputs that are ahead until a checkpoint's barrier has come in all of them; AT_LEAST_ONCE does not, so after a failure state may have counted records twice.");
  public static final Setting<Boolean> UNALIGNED =
      Settings.bool(
          "execution.checkpointing.unaligned.enabled",
          null,
          "Whether barriers overtake records that wait, which become part of the checkpoint, so that back-pressure does not delay it; with false they never do, and if absent once a quarter of the checkpoint's timeout has passed. Only with EXACTLY_ONCE, and one checkpoint at a time.",
          "execution.checkpointing.unaligned");
  public static final Setting<Duration> ALIGNED_TIMEOUT =
      Settings.duration(
          "execution.checkpointing.aligned-checkpoint-timeout",
          "0 ms",
          "With unaligned checkpoints, how long after a checkpoint's start barriers wait their turn before they overtake; 0 lets them at once.",
          "execution.checkpointing.alignment-timeout");
  public static final Setting<String> CHECKPOINT_RETENTION =
      Settings.choice(
          "execution.checkpointing.externalized-checkpoint-retention",
          "RETAIN_ON_CANCELLATION",
          List.of(
              "RETAIN_ON_CANCELLATION", "DELETE_ON_CANCELLATION", "NO_EXTERNALIZED_CHECKPOINTS"),
          "Whether the checkpoints of a job that was cancelled stay; with NO_EXTERNALIZED_CHECKPOINTS those of a job that failed go too.");
  public static final Setting<Integer> CHECKPOINTS_RETAINED =
      Settings.integer(
          "execution.checkpointing.num-retained",
          "3",
          1,
          100,
          "Completed checkpoints kept.",
          "state.checkpoints.num-retained");
  public static final Setting<String> CHECKPOINT_DIR =
      Settings.string(
          "execution.checkpointing.dir",
          null,
          "Folder of the checkpoints; by default under the user's home.",
          "state.checkpoints.dir");
  public static final Setting<String> SAVEPOINT_DIR =
      Settings.string(
          "execution.checkpointing.savepoint-dir",
          null,
          "Folder of savepoints for which none is named.",
          "state.savepoints.dir");
  public static final Setting<Long> CHECKPOINT_INLINE =
      Settings.bytes(
          "execution.checkpointing.inline-threshold",
          "20 kb",
          "A TaskManager's part of a checkpoint up to this size goes into the manifest instead of a file.");
  public static final Setting<Boolean> INCREMENTAL =
      Settings.bool(
          "execution.checkpointing.incremental",
          "true",
          "A checkpoint of state in RocksDB writes only files that the one before has not, and only RocksDB can read it; without, it writes all of the state in the form of savepoints.",
          "state.backend.incremental");
  public static final Setting<Boolean> LOCAL_BACKUP =
      Settings.bool(
          "execution.checkpointing.local-backup.enabled",
          "true",
          "TaskManagers keep copies of the state files they wrote for the newest checkpoint on local disk, from which tasks that come back are restored.",
          "state.backend.local-recovery");
  public static final Setting<String> RECOVERY_FALLBACK =
      Settings.choice(
          "execution.recovery.fallback",
          "fail",
          List.of("fail", "rollback", "allow-duplicates"),
          "What to do if the newest checkpoint is damaged and sinks committed after the one before it: end the job, let the sinks take that output back, or write it twice.");

  public static final Setting<Boolean> EXCLUSIVE_WRITER =
      Settings.bool(
          "sinks.exclusive-writer",
          "false",
          "Whether lost tasks must be known to have ended before others take their place: until their process has exited, or for jobmanager.silence.timeout and a little more. Set by sinks that write where an old writer cannot be told from a new one.");

  public static final Setting<String> STATE_BACKEND =
      Settings.choice(
          "state.backend.type",
          "hashmap",
          List.of("hashmap", "rocksdb"),
          "Where state under keys is kept: as objects on the heap, or in RocksDB on local disk.",
          "state.backend");
  public static final Setting<Long> OBJECT_CACHE =
      Settings.bytes(
          "state.backend.rocksdb.object-cache.size",
          "16 mb",
          "Memory on the heap in front of RocksDB, for each keyed subtask: half for objects, by what they take"
              + " as bytes, half for rows as bytes. Rows may have more, of the managed memory.");

  public static final Setting<String> RESTART_STRATEGY =
      Settings.choice(
          "restart-strategy.type",
          "exponential-delay",
          List.of("none", "fixed-delay", "failure-rate", "exponential-delay"),
          "What happens after a failure.",
          "restart-strategy");
  public static final Setting<Integer> FIXED_DELAY_ATTEMPTS =
      Settings.integer(
          "restart-strategy.fixed-delay.attempts",
          "3",
          0,
          Integer.MAX_VALUE,
          "Restarts before the job fails.");
  public static final Setting<Duration> FIXED_DELAY =
      Settings.duration("restart-strategy.fixed-delay.delay", "1 s", "Time before each restart.");
  public static final Setting<Integer> FAILURE_RATE_MAX =
      Settings.integer(
          "restart-strategy.failure-rate.max-failures-per-interval",
          "1",
          1,
          Integer.MAX_VALUE,
          "Failures within any interval; one more ends the job.");
  public static final Setting<Duration> FAILURE_RATE_INTERVAL =
      Settings.duration(
          "restart-strategy.failure-rate.failure-rate-interval",
          "1 min",
          "Time in which failures are counted.");
  public static final Setting<Duration> FAILURE_RATE_DELAY =
      Settings.duration("restart-strategy.failure-rate.delay", "1 s", "Time before each restart.");
  public static final Setting<Duration> EXPONENTIAL_INITIAL =
      Settings.duration(
          "restart-strategy.exponential-delay.initial-backoff",
          "100 ms",
          "Time before the first restart.");
  public static final Setting<Duration> EXPONENTIAL_MAX =
      Settings.duration(
          "restart-strategy.exponential-delay.max-backoff",
          "1 min",
          "Longest time before a restart.");
  public static final Setting<Double> EXPONENTIAL_MULTIPLIER =
      Settings.decimal(
          "restart-strategy.exponential-delay.backoff-multiplier",
          "1.5",
          1,
          100,
          "Growth of the time from restart to restart.");
  public static final Setting<Duration> EXPONENTIAL_RESET =
      Settings.duration(
          "restart-strategy.exponential-delay.reset-backoff-threshold",
          "1 h",
          "Time without failure after which the count starts anew.");
  public static final Setting<Double> EXPONENTIAL_JITTER =
      Settings.decimal(
          "restart-strategy.exponential-delay.jitter-factor",
          "0.1",
          0,
          1,
          "Random part of the time before a restart.");
  public static final Setting<Integer> EXPONENTIAL_ATTEMPTS =
      Settings.integer(
          "restart-strategy.exponential-delay.attempts-before-reset-backoff",
          "2147483647",
          0,
          Integer.MAX_VALUE,
          "Restarts in a row before the job fails.");

  /** All of them, in the order of the documentation. */
  public static List<Setting<?>> all() {
    return List.of(
        PARALLELISM,
        MAX_PARALLELISM,
        OBJECT_REUSE,
        COMBINE,
        GLOBAL_PARAMETERS,
        METRICS_LOG_INTERVAL,
        BUFFER_TIMEOUT,
        WATERMARK_INTERVAL,
        BATCH_RECORDS,
        CHANNEL_BATCHES,
        OVERFLOW_MEMORY,
        CHECKPOINT_INTERVAL,
        CHECKPOINT_TIMEOUT,
        CHECKPOINT_MIN_PAUSE,
        CHECKPOINTS_AT_ONCE,
        TOLERABLE_FAILED_CHECKPOINTS,
        CHECKPOINT_MODE,
        UNALIGNED,
        ALIGNED_TIMEOUT,
        CHECKPOINT_RETENTION,
        CHECKPOINTS_RETAINED,
        CHECKPOINT_DIR,
        SAVEPOINT_DIR,
        CHECKPOINT_INLINE,
        INCREMENTAL,
        LOCAL_BACKUP,
        RECOVERY_FALLBACK,
        EXCLUSIVE_WRITER,
        STATE_BACKEND,
        OBJECT_CACHE,
        RESTART_STRATEGY,
        FIXED_DELAY_ATTEMPTS,
        FIXED_DELAY,
        FAILURE_RATE_MAX,
        FAILURE_RATE_INTERVAL,
        FAILURE_RATE_DELAY,
        EXPONENTIAL_INITIAL,
        EXPONENTIAL_MAX,
        EXPONENTIAL_MULTIPLIER,
        EXPONENTIAL_RESET,
        EXPONENTIAL_JITTER,
        EXPONENTIAL_ATTEMPTS);
  }

  private JobSettings() {}
}
