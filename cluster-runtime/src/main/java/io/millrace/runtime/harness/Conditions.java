package io.millrace.runtime.harness;

import io.millrace.api.config.JobSettings;
import java.util.Map;
import java.util.TreeMap;

/** Under which an operator lives; what it emits must not show them. */
record Conditions(Store store, Barriers barriers, int parallelism) {
  /** Where state is. */
  enum Store {
    HEAP("on the heap"),
    /** In the form that it has on disk, but in memory. */
    ROWS("in rows in memory"),
    DISK("in RocksDB");

    private final String words;

    Store(String words) {
      this.words = words;
    }
  }

  /** How barriers of several channels meet. */
  enum Barriers {
    ALIGNED("aligned", false, 0, true),
    UNALIGNED("unaligned", true, 0, true),
    /** As the first, and as the second when that takes longer than {@link #PATIENCE_MILLIS}. */
    TURNING("unaligned after a while", true, Barriers.PATIENCE_MILLIS, true),
    AT_LEAST_ONCE("not aligned, at least once", false, 0, false);

    private static final int PATIENCE_MILLIS = 3;

    private final String words;
    private final boolean unaligned;
    private final int patienceMillis;
    private final boolean exactlyOnce;

    Barriers(String words, boolean unaligned, int patienceMillis, boolean exactlyOnce) {
      this.words = words;
      this.unaligned = unaligned;
      this.patienceMillis = patienceMillis;
      this.exactlyOnce = exactlyOnce;
    }

    /** Whether a barrier may give up the checkpoint of the one before it. */
    boolean mayOvertake() {
      return unaligned;
    }
  }

  Map<String, String> settings() {
    var settings = new TreeMap<String, String>();
    settings.put(JobSettings.STATE_BACKEND.key(), store == Store.HEAP ? "hashmap" : "rocksdb");
    settings.put(JobSettings.UNALIGNED.key(), "" + barriers.unaligned);
    settings.put(JobSettings.ALIGNED_TIMEOUT.key(), barriers.patienceMillis + " ms");
    settings.put(
        JobSettings.CHECKPOINT_MODE.key(), barriers.exactlyOnce ? "EXACTLY_ONCE" : "AT_LEAST_ONCE");
    return settings;
  }

  @Override
  public String toString() {
    return "state " + store.words + ", barriers " + barriers.words + ", parallelism " + parallelism;
  }
}
