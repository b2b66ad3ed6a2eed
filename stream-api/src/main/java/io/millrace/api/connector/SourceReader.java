package io.millrace.api.connector;

import java.util.Collection;
import java.util.List;

/** Reads splits. One thread calls it. */
public interface SourceReader<T, S> {
  /** Takes over a split, perhaps one that was read in part before a failure. */
  void add(S split) throws Exception;

  /**
   * The enumerator will give this reader no further split. Called before the {@link #poll} that
   * follows, also if it has never given one.
   */
  default void notifyNoMoreSplits() throws Exception {}

  /**
   * Emits a bounded number of records, about {@code limit}; does not wait unless the source is
   * blocking, and then not longer than about 100 ms, so that barriers can pass.
   *
   * @param clock the time as of this step
   */
  Progress poll(ReaderOutput<T> output, int limit, ReadClock clock) throws Exception;

  /**
   * Some splits are too far ahead of other sources in event time: {@link #poll} must emit nothing
   * of them until they are resumed. Only called for splits with names ({@link SourceSplit}), under
   * a strategy with watermark alignment, and where a reader has some splits to pause and others to
   * read; while it has to pause all of them it is not polled. A split begins resumed, also after a
   * failure.
   *
   * @param splitsToPause ids of splits that were not paused
   * @param splitsToResume ids of splits that were paused
   */
  default void pauseOrResumeSplits(
      Collection<String> splitsToPause, Collection<String> splitsToResume) throws Exception {
    throw new UnsupportedOperationException(
        "the reader has several splits, and watermark alignment wants it to pause "
            + splitsToPause
            + " alone, which it cannot: implement pauseOrResumeSplits in "
            + getClass().getName()
            + ", or give the source a strategy without alignment");
  }

  /**
   * What is still to be read, each split with the position reached: what {@link #add} gets after a
   * failure.
   */
  List<S> snapshot() throws Exception;

  default void close() throws Exception {}

  /** What a poll did. */
  enum Progress {
    /** There is more to read at once. */
    MORE,
    /** Nothing at the moment; ask again at {@link #nextPollMillis}. */
    WAITING,
    /**
     * Another split is wanted before there is anything to read; if no more are to come, all is
     * read.
     */
    NEED_SPLIT
  }

  /** After WAITING: the monotonic time in milliseconds at which polling makes sense again. */
  default long nextPollMillis(ReadClock clock) {
    return clock.monotonicMillis() + 10;
  }

  /** The time as the engine hands it in. */
  record ReadClock(long monotonicMillis, long wallMillis) {}
}
