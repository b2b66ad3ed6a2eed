package io.millrace.runtime.task;

import io.millrace.api.operator.Timestamps;
import java.util.function.LongConsumer;

/**
 * A reader's part in the alignment of its group: it says at intervals how far it has come, and each
 * answer says how far the group has. Without answers the reader first waits, and after some of them
 * have failed to come it goes on alone, so that nobody who is lost stops a stream for ever. Answers
 * are counted and not timed: a reader that is held up itself has not asked.
 */
final class Alignment {
  /** In a row; then the reader waits for nobody. */
  static final int MOST_UNANSWERED = 5;

  private final ReaderOperator reader;
  private final long intervalMillis;
  private final LongConsumer report;
  private long nextMillis = Long.MIN_VALUE;
  private long reported = Timestamps.MIN_WATERMARK;
  private int unanswered;

  /** When the reader began to wait for a split. */
  private long withoutSplitSinceMillis = Long.MAX_VALUE;

  /**
   * @param report takes the watermark that the reader has come to; the highest there is if nobody
   *     is to wait for it
   */
  Alignment(ReaderOperator reader, LongConsumer report) {
    this.reader = reader;
    this.intervalMillis = reader.alignment().updateInterval();
    this.report = report;
  }

  long nextMillis() {
    return nextMillis;
  }

  /**
   * Says how far the reader has come, if it is time.
   *
   * @param hasSplit whether it has, or may have, something to read
   * @param ended whether it will never have again
   */
  void advance(long nowMillis, boolean hasSplit, boolean ended) {
    if (hasSplit) {
      withoutSplitSinceMillis = Long.MAX_VALUE;
    } else if (withoutSplitSinceMillis == Long.MAX_VALUE) {
      withoutSplitSinceMillis = nowMillis;
    }
    // Between one split and the next it still counts.
    boolean nothingToRead = nowMillis - withoutSplitSinceMillis >= intervalMillis;
    long reached = ended || nothingToRead ? Timestamps.MAX_WATERMARK : reader.time().reached();
    // All others wait for the first watermark.
    boolean first = reported == Timestamps.MIN_WATERMARK && reached > reported;
    if (nowMillis < nextMillis && !first) {
      return;
    }
    nextMillis = nowMillis + intervalMillis;
    reported = reached;
    unanswered++;
    if (unanswered > MOST_UNANSWERED) {
      reader.time().alignToNobody();
    }
    report.accept(reached);
  }

  /** The group has answered. */
  void groupHasReached(long lowest) {
    unanswered = 0;
    reader.time().alignTo(lowest);
  }
}
