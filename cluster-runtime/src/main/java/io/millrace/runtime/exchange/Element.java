package io.millrace.runtime.exchange;

import io.millrace.api.operator.KeyGroupRange;
import io.millrace.runtime.kernel.Purpose;

/** What flows in a channel, in order. */
public sealed interface Element permits Batch, Element.Control {
  /** Stands between batches and needs no credit. */
  sealed interface Control extends Element {}

  /** No record with a timestamp at or below this follows in this channel. */
  record Watermark(long timestamp) implements Control {}

  /** While idle, a channel holds back nobody's watermark. */
  record Idle(boolean idle) implements Control {}

  /**
   * What came before belongs to the checkpoint, what follows does not.
   *
   * @param ageMillis how long it had been on its way when it was sent, as far as tasks have
   *     measured
   */
  record Barrier(long checkpoint, Purpose purpose, long ageMillis) implements Control {
    /** Of no checkpoint. */
    public static final Barrier NONE = new Barrier(-1);

    public Barrier(long checkpoint, Purpose purpose) {
      this(checkpoint, purpose, 0);
    }

    public Barrier(long checkpoint) {
      this(checkpoint, Purpose.CHECKPOINT);
    }
  }

  /**
   * Timers of these key groups up to the watermark were due at a cut. Stands in checkpoints only,
   * in front of what was in flight to those who had the groups.
   */
  record Due(KeyGroupRange groups, long watermark) implements Control {}

  /** No batch follows; barriers still do. */
  record EndOfInput() implements Control {}

  /** A piece of input, from an enumerator to the reader that asked. */
  record Split(Object split) implements Control {}
}
