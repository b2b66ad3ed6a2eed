package io.millrace.api.state;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;

/**
 * For how long state is kept after it was last written, or last used: a time to live by the wall
 * clock as the task sees it. For lists and maps each element has its own. Expired state is not
 * written into savepoints and checkpoints, and is taken out of memory bit by bit; incremental
 * checkpoints of RocksDB have it until then, so that a longer time to live may bring it back.
 *
 * @param cleanupEntries how many entries are looked at for expired ones at each access; 0 for none,
 *     so that only what is read is cleaned up
 */
public record StateTtlConfig(
    Duration timeToLive, UpdateType updateType, StateVisibility stateVisibility, int cleanupEntries)
    implements Serializable {
  private static final int CLEANUP_ENTRIES = 5;

  /** Of state that lives for ever. */
  public static final StateTtlConfig DISABLED =
      new StateTtlConfig(
          Duration.ofMillis(Long.MAX_VALUE),
          UpdateType.Disabled,
          StateVisibility.NeverReturnExpired,
          0);

  public StateTtlConfig {
    Objects.requireNonNull(timeToLive, "timeToLive");
    Objects.requireNonNull(updateType, "updateType");
    Objects.requireNonNull(stateVisibility, "stateVisibility");
    if (timeToLive.toMillis() < 1) {
      throw new IllegalArgumentException(
          "a time to live must be at least 1 ms, found " + timeToLive);
    }
    if (cleanupEntries < 0) {
      throw new IllegalArgumentException(
          "the entries that are cleaned up at an access must be at least 0, found "
              + cleanupEntries);
    }
  }

  /** What begins the time to live anew. */
  public enum UpdateType {
    /** Nothing: there is no time to live. */
    Disabled,
    OnCreateAndWrite,
    OnReadAndWrite
  }

  /** Whether state is shown that has expired and is not cleaned up yet. */
  public enum StateVisibility {
    ReturnExpiredIfNotCleanedUp,
    NeverReturnExpired
  }

  /** By which clock state grows old. */
  public enum TtlTimeCharacteristic {
    /** The wall clock of the machine that the task runs on. */
    ProcessingTime
  }

  /** Written state lives so long; expired state is never shown. */
  public static Builder newBuilder(Duration timeToLive) {
    return new Builder(timeToLive);
  }

  public boolean isEnabled() {
    return updateType != UpdateType.Disabled;
  }

  /** Says what differs from the defaults. */
  public static final class Builder {
    private final Duration timeToLive;
    private UpdateType updateType = UpdateType.OnCreateAndWrite;
    private StateVisibility stateVisibility = StateVisibility.NeverReturnExpired;
    private int cleanupEntries = CLEANUP_ENTRIES;

    private Builder(Duration timeToLive) {
      this.timeToLive = timeToLive;
    }

    public Builder setUpdateType(UpdateType updateType) {
      this.updateType = updateType;
      return this;
    }

    public Builder updateTtlOnCreateAndWrite() {
      return setUpdateType(UpdateType.OnCreateAndWrite);
    }

    public Builder updateTtlOnReadAndWrite() {
      return setUpdateType(UpdateType.OnReadAndWrite);
    }

    public Builder setStateVisibility(StateVisibility stateVisibility) {
      this.stateVisibility = stateVisibility;
      return this;
    }

    public Builder neverReturnExpired() {
      return setStateVisibility(StateVisibility.NeverReturnExpired);
    }

    public Builder returnExpiredIfNotCleanedUp() {
      return setStateVisibility(StateVisibility.ReturnExpiredIfNotCleanedUp);
    }

    /**
     * @param entries how many are looked at at each access, by default 5
     */
    public Builder cleanupIncrementally(int entries) {
      cleanupEntries = entries;
      return this;
    }

    /**
     * As {@link #cleanupIncrementally(int)}.
     *
     * @param runCleanupForEveryRecord says nothing here: entries are looked at when state is used
     */
    public Builder cleanupIncrementally(int entries, boolean runCleanupForEveryRecord) {
      return cleanupIncrementally(entries);
    }

    /**
     * What happens without it, too: expired state is not written into savepoints, nor into
     * checkpoints but incremental ones of RocksDB.
     */
    public Builder cleanupFullSnapshot() {
      return this;
    }

    /**
     * What happens without it, too: RocksDB is rid of expired state bit by bit, in rounds over all
     * keys while state is used, unless {@link #disableCleanupInBackground} says otherwise.
     */
    public Builder cleanupInRocksdbCompactFilter() {
      return this;
    }

    /**
     * As {@link #cleanupInRocksdbCompactFilter()}.
     *
     * @param queryTimeAfterNumEntries says nothing here: the time is that of the task's step
     */
    public Builder cleanupInRocksdbCompactFilter(long queryTimeAfterNumEntries) {
      return cleanupInRocksdbCompactFilter();
    }

    /**
     * As {@link #cleanupInRocksdbCompactFilter()}.
     *
     * @param queryTimeAfterNumEntries says nothing here, see above
     * @param periodicCompactionTime says nothing here: a round over all keys begins a quarter of
     *     the time to live after the last one
     */
    public Builder cleanupInRocksdbCompactFilter(
        long queryTimeAfterNumEntries, Duration periodicCompactionTime) {
      return cleanupInRocksdbCompactFilter();
    }

    /** The only one, so this says nothing that is not so without it. */
    public Builder setTtlTimeCharacteristic(TtlTimeCharacteristic characteristic) {
      Objects.requireNonNull(characteristic, "characteristic");
      return this;
    }

    /** As {@link #setTtlTimeCharacteristic} with the only one that there is. */
    public Builder useProcessingTime() {
      return this;
    }

    public Builder disableCleanupInBackground() {
      return cleanupIncrementally(0);
    }

    public StateTtlConfig build() {
      return new StateTtlConfig(timeToLive, updateType, stateVisibility, cleanupEntries);
    }
  }
}
