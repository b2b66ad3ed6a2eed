package io.millrace.runtime.task;

/**
 * How many records make a batch on one way out: so many that the consumer takes what a full channel
 * holds in about {@value #CHANNEL_MILLIS} ms. A barrier that keeps its place waits for what is in
 * front of it, and so do savepoints; with a slow consumer the largest batches would stand there for
 * minutes.
 *
 * <p>Between two moments at which a channel is full, the consumer has taken as many batches as were
 * sent. If those are fewer than fill the channel, it was never without work, and the time is its
 * own; else it may have waited for the producer, or for its turn.
 */
final class BatchSize {
  static final int CHANNEL_MILLIS = 800;
  private static final int FIRST = 4;

  /** At most to this part at a time: a long time may be an alignment's or a collection's. */
  private static final int LEAST_LEFT = 8;

  private final int most;
  private final int channelBatches;
  private int records;

  /** Full batches that went without waiting, one after the other. */
  private int passed;

  /**
   * @param most records in a batch
   * @param channelBatches batches that a channel takes before the consumer has taken any
   */
  BatchSize(int most, int channelBatches) {
    this.most = most;
    this.channelBatches = channelBatches;
    this.records = Math.min(FIRST, most);
  }

  int records() {
    return records;
  }

  /** A batch of as many has found credit. */
  void passed() {
    // Of more than the channel takes, some have been taken out: the consumer is not the slower one.
    if (++passed >= 2 * channelBatches) {
      grow();
    }
  }

  /**
   * A channel is full, and was before.
   *
   * @param millis since then
   * @param batches that have been taken since then, with so many records
   */
  void full(long millis, int batches, long taken) {
    passed = 0;
    if (batches >= channelBatches) {
      grow();
      return;
    }
    long fits = taken * CHANNEL_MILLIS / Math.max(1, millis) / channelBatches;
    long least = Math.max(1, records / LEAST_LEFT);
    records = (int) Math.max(least, Math.min(Math.min(most, 2L * records), fits));
  }

  private void grow() {
    passed = 0;
    records = Math.min(most, 2 * records);
  }
}
