package io.millrace.api.window;

/**
 * Whether tumbling windows of all keys end at the same time, or spread over their size, so that not
 * all of them are computed at once. What is moved is a key group: all its keys have windows with
 * the same bounds, by an offset that is added to that of the assigner. A key group keeps its offset
 * through failures and when a job goes on from a checkpoint or savepoint, with any parallelism:
 * each record stays in one window, and no two windows of a key overlap.
 */
public enum WindowStagger {
  /** All windows end at the same times. */
  ALIGNED,

  /**
   * Each key group has an offset that is evenly distributed over the size. It is drawn from the
   * job's random lineage, which a job that goes on inherits, and the {@code uid} of the operator.
   */
  RANDOM,

  /**
   * Each key group has windows that begin when its first record comes, by the wall clock, also of
   * windows by event time. The offset is part of checkpoints.
   */
  NATURAL;

  /** An offset of windows together with how far those of the record at hand are moved. */
  long added(long offset, long size, WindowAssigner.WindowAssignerContext context) {
    return this == ALIGNED ? offset : (offset + context.staggerOffset(this, size)) % size;
  }
}
