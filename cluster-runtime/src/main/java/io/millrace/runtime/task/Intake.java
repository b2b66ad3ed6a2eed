package io.millrace.runtime.task;

import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;

/** What keeps a task busy: records that arrive, splits to read, or readers that ask for splits. */
interface Intake {
  /**
   * Does about {@code limit} units of work, less if the outbox blocks.
   *
   * @return units done; 0 if there is nothing to do
   */
  int take(Clock now, int limit) throws Exception;

  /** As {@link #take} once all output is emitted: only barriers still count. */
  int takeBarriers();

  /** A command asks for a checkpoint; only enumerators start one. */
  default void trigger(long checkpoint, Purpose purpose) {}

  /**
   * Looks for barriers that wait behind other elements, and cuts where they may overtake those;
   * whether or not the outbox blocks.
   */
  default void sight(Clock now) {}

  /**
   * Does what is to be done at intervals, whether or not the outbox blocks.
   *
   * @param ending whether all input is read
   */
  default void tend(Clock now, boolean ending) {}

  /** The monotonic time at which {@link #tend} is wanted next. */
  default long tendAtMillis() {
    return Long.MAX_VALUE;
  }

  /** The sources that this one is aligned with have come so far; for readers only. */
  default void groupHasReached(long watermark) {}

  /** Nothing follows in any input but barriers, though none has said so. */
  default void stopped() {}

  /** The checkpoint, and all before it, are cut or given up: nobody waits for their barriers. */
  default void settle(long checkpoint) {}

  /** The monotonic time of the next {@link #take} that no waker will ask for. */
  default long wakeAtMillis() {
    return Long.MAX_VALUE;
  }

  default long recordsIn() {
    return 0;
  }

  /** What there is to take in, for people. */
  String standing();
}
