package io.millrace.api.operator;

import io.millrace.api.function.CheckpointListener;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One step of a job as the engine drives it. All calls come from one thread, in this order: {@link
 * #open}, {@link #restoredWatermark}, then any mix of {@link #process}, {@link #watermark}, {@link
 * #onTimer}, {@link #wake}, {@link #snapshot} and {@link #completed}, then {@link #close}.
 *
 * <p>No call may wait, unless the operator's vertex was declared blocking. An exception from any
 * call fails the task with kind USER.
 *
 * @param <I> records taken
 * @param <O> records emitted
 */
public interface Operator<I, O> {
  /**
   * Called once before any record, with what an earlier attempt left in its snapshot available from
   * the context.
   *
   * @param output takes records at any time from now until {@link #close}; it always accepts
   */
  void open(OperatorContext context, Output<O> output) throws Exception;

  /**
   * Event time that the restored state had come to; empty if the operator keeps none, {@link
   * Timestamps#MIN_WATERMARK} if it does and there was none. Asked after {@link #open}. A cut may
   * lie between two timers of one watermark; what was in flight then must find the state that it
   * would have found without a failure, so all timers up to this time fire before the first record.
   * Of operators that keep no event time, those fire that were due at the cut.
   */
  default OptionalLong restoredWatermark() {
    return OptionalLong.empty();
  }

  /**
   * Takes one record.
   *
   * @param timestamp event time in milliseconds since the epoch, {@link Timestamps#NONE} if the
   *     record has none
   */
  void process(I value, long timestamp) throws Exception;

  /**
   * Whether it changes no record that it takes and keeps none beyond {@link #process}; what it
   * emits may be those records or hold them. Several consumers of one stream may then look at the
   * same mutable record: it is copied behind such an operator, if at all. Asked before {@link
   * #open}.
   */
  default boolean onlyReads() {
    return false;
  }

  /**
   * Whether anything in it may ask for the current key, for state under it or for timers; if not,
   * none is made current for it. Asked before {@link #open}.
   */
  default boolean asksForKeys() {
    return true;
  }

  /**
   * Event time has reached {@code watermark} on all inputs and every timer up to it has fired.
   * Passes it on unless overridden; an operator that makes watermarks of its own overrides this.
   */
  default void watermark(long watermark, Output<O> output) throws Exception {
    output.watermark(watermark);
  }

  /** All inputs are idle ({@code true}) or one of them woke up again. */
  default void idle(boolean idle, Output<O> output) throws Exception {
    output.idle(idle);
  }

  /**
   * No record follows, and all timers have fired. A watermark beyond all time does not say so: a
   * stream that only lets others run ahead may emit one, and records after it.
   */
  default void endOfInput() throws Exception {}

  /**
   * A timer that this operator set has come due; the key that was current when it was set is
   * current again. Only the first operator of a chain behind {@code keyBy} has timers.
   */
  default void onTimer(long time, TimerDomain domain) throws Exception {
    throw new IllegalStateException("a timer fired at an operator that sets none");
  }

  /**
   * The monotonic time in milliseconds at which {@link #wake} is wanted next; {@code
   * Long.MAX_VALUE} for never.
   */
  default long nextWakeMillis() {
    return Long.MAX_VALUE;
  }

  /** Called soon after {@link #nextWakeMillis} has passed. */
  default void wake(long monotonicMillis) throws Exception {}

  /**
   * A barrier has arrived: cuts this operator's own (not its keyed) state. What is emitted from
   * here leaves in front of the barrier. What is returned must not change any more when further
   * records are processed; its {@link Frozen#take} runs on another thread.
   */
  default Frozen snapshot(long checkpoint) throws Exception {
    return Frozen.NOTHING;
  }

  /**
   * The checkpoint is durable; all earlier ones count as durable too.
   *
   * @return work to be done off the task's thread, retried until it succeeds
   */
  default Completion completed(long checkpoint) throws Exception {
    return Completion.NOTHING;
  }

  /** Who in it is told what became of checkpoints, the same one all the time. */
  default Optional<CheckpointListener> checkpointListener() {
    return Optional.empty();
  }

  /**
   * Called once, also after a failure, also when {@link #open} failed. Must tolerate being half
   * open.
   */
  default void close() throws Exception {}
}
