package io.millrace.api.config;

import java.net.URI;
import java.time.Duration;

/**
 * The settings of checkpoints under the names of the DataStream API. Each is a key of the
 * configuration: what is set here is what {@code env.set} sets, and what is read is what counts,
 * wherever it was set.
 */
public final class CheckpointConfig {
  private final SettingsAccess settings;

  public CheckpointConfig(SettingsAccess settings) {
    this.settings = settings;
  }

  /** What becomes of the checkpoints of a job that does not finish. */
  public enum ExternalizedCheckpointCleanup {
    /** They stay, whether it fails or is cancelled. */
    RETAIN_ON_CANCELLATION,
    /** They stay if it fails, and go if it is cancelled. */
    DELETE_ON_CANCELLATION,
    /** They go. */
    NO_EXTERNALIZED_CHECKPOINTS
  }

  /** Whether there are checkpoints beside the one at the end of the input. */
  public boolean isCheckpointingEnabled() {
    return getCheckpointInterval() > 0;
  }

  /** Leaves only the checkpoint at the end of the input. */
  public void disableCheckpointing() {
    set(JobSettings.CHECKPOINT_INTERVAL, Duration.ZERO);
  }

  /** Milliseconds from one checkpoint's start to the next; 0 if there are none; by default 10 s. */
  public long getCheckpointInterval() {
    return millis(JobSettings.CHECKPOINT_INTERVAL);
  }

  /**
   * @param millis at least 1
   */
  public void setCheckpointInterval(long millis) {
    if (millis < 1) {
      throw new IllegalArgumentException(
          "the checkpoint interval must be at least 1 ms, found "
              + millis
              + "; disableCheckpointing() leaves only the final checkpoint");
    }
    set(JobSettings.CHECKPOINT_INTERVAL, Duration.ofMillis(millis));
  }

  /** Milliseconds after which a checkpoint is given up; by default 10 minutes. */
  public long getCheckpointTimeout() {
    return millis(JobSettings.CHECKPOINT_TIMEOUT);
  }

  /**
   * @param millis at least 1
   */
  public void setCheckpointTimeout(long millis) {
    if (millis < 1) {
      throw new IllegalArgumentException(
          "the checkpoint timeout must be at least 1 ms, found " + millis);
    }
    set(JobSettings.CHECKPOINT_TIMEOUT, Duration.ofMillis(millis));
  }

  /** Milliseconds from one checkpoint's end to the next one's start; by default 0. */
  public long getMinPauseBetweenCheckpoints() {
    return millis(JobSettings.CHECKPOINT_MIN_PAUSE);
  }

  /**
   * @param millis at least 0
   */
  public void setMinPauseBetweenCheckpoints(long millis) {
    if (millis < 0) {
      throw new IllegalArgumentException(
          "the pause between checkpoints must be at least 0 ms, found " + millis);
    }
    set(JobSettings.CHECKPOINT_MIN_PAUSE, Duration.ofMillis(millis));
  }

  /** Checkpoints that may be under way at a time; by default 1. */
  public int getMaxConcurrentCheckpoints() {
    return settings.read().get(JobSettings.CHECKPOINTS_AT_ONCE);
  }

  /** 1 to 1000. */
  public void setMaxConcurrentCheckpoints(int checkpoints) {
    settings.write(JobSettings.CHECKPOINTS_AT_ONCE, Integer.toString(checkpoints));
  }

  /** Checkpoints that may fail in a row before the job restarts; by default any number. */
  public int getTolerableCheckpointFailureNumber() {
    return settings.read().get(JobSettings.TOLERABLE_FAILED_CHECKPOINTS);
  }

  /** At least 0. */
  public void setTolerableCheckpointFailureNumber(int checkpoints) {
    settings.write(JobSettings.TOLERABLE_FAILED_CHECKPOINTS, Integer.toString(checkpoints));
  }

  /** By default exactly once. */
  public CheckpointingMode getCheckpointingMode() {
    return CheckpointingMode.valueOf(settings.read().get(JobSettings.CHECKPOINT_MODE));
  }

  public void setCheckpointingMode(CheckpointingMode mode) {
    settings.write(JobSettings.CHECKPOINT_MODE, mode.name());
  }

  /** The same as {@link #getCheckpointingMode}. */
  public CheckpointingMode getCheckpointingConsistencyMode() {
    return getCheckpointingMode();
  }

  /** The same as {@link #setCheckpointingMode}. */
  public void setCheckpointingConsistencyMode(CheckpointingMode mode) {
    setCheckpointingMode(mode);
  }

  /**
   * Whether barriers overtake records that wait; by default they do not before a quarter of the
   * checkpoint's timeout has passed.
   */
  public boolean isUnalignedCheckpointsEnabled() {
    return settings.read().find(JobSettings.UNALIGNED).orElse(false);
  }

  public void enableUnalignedCheckpoints() {
    enableUnalignedCheckpoints(true);
  }

  /** With {@code false} barriers never overtake, however long a checkpoint takes. */
  public void enableUnalignedCheckpoints(boolean enabled) {
    settings.write(JobSettings.UNALIGNED, Boolean.toString(enabled));
  }

  /** How long barriers wait their turn before they overtake; by default not at all. */
  public Duration getAlignedCheckpointTimeout() {
    return settings.read().get(JobSettings.ALIGNED_TIMEOUT);
  }

  /**
   * Counts with unaligned checkpoints only.
   *
   * @param timeout at least 0, in whole milliseconds
   */
  public void setAlignedCheckpointTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException(
          "the aligned checkpoint timeout must be at least 0 ms, found " + timeout);
    }
    set(JobSettings.ALIGNED_TIMEOUT, timeout);
  }

  /** By default they are retained. */
  public ExternalizedCheckpointCleanup getExternalizedCheckpointCleanup() {
    return ExternalizedCheckpointCleanup.valueOf(
        settings.read().get(JobSettings.CHECKPOINT_RETENTION));
  }

  public void setExternalizedCheckpointCleanup(ExternalizedCheckpointCleanup cleanup) {
    settings.write(JobSettings.CHECKPOINT_RETENTION, cleanup.name());
  }

  /** The same as {@link #setExternalizedCheckpointCleanup}. */
  public void enableExternalizedCheckpoints(ExternalizedCheckpointCleanup cleanup) {
    setExternalizedCheckpointCleanup(cleanup);
  }

  /** The same as {@link #getExternalizedCheckpointCleanup}. */
  public ExternalizedCheckpointCleanup getExternalizedCheckpointRetention() {
    return getExternalizedCheckpointCleanup();
  }

  /** The same as {@link #setExternalizedCheckpointCleanup}. */
  public void setExternalizedCheckpointRetention(ExternalizedCheckpointCleanup retention) {
    setExternalizedCheckpointCleanup(retention);
  }

  /**
   * @param folder of the checkpoints, such as {@code hdfs:///checkpoints}
   */
  public void setCheckpointStorage(String folder) {
    settings.write(JobSettings.CHECKPOINT_DIR, folder);
  }

  /** Like {@link #setCheckpointStorage(String)}. */
  public void setCheckpointStorage(URI folder) {
    setCheckpointStorage(folder.toString());
  }

  private long millis(Setting<Duration> setting) {
    return settings.read().get(setting).toMillis();
  }

  private void set(Setting<Duration> setting, Duration value) {
    settings.write(setting, value.toMillis() + " ms");
  }
}
