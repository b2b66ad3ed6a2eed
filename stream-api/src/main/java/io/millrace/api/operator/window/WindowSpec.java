package io.millrace.api.operator.window;

import io.millrace.api.function.OutputTag;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.MergingWindowAssigner;
import io.millrace.api.window.Trigger;
import io.millrace.api.window.TumblingEventTimeWindows;
import io.millrace.api.window.TumblingProcessingTimeWindows;
import io.millrace.api.window.Window;
import io.millrace.api.window.WindowAssigner;
import io.millrace.api.window.WindowStagger;
import java.io.Serializable;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * Which windows there are and when they fire.
 *
 * @param trigger null: the assigner's default
 * @param evictor null for none
 * @param latenessMillis how long after its end a window still takes records
 * @param lateTag where records go that come even later; null: they are dropped and counted
 */
public record WindowSpec<T, W extends Window>(
    WindowAssigner<T, W> assigner,
    Trigger<T, W> trigger,
    Evictor<T, W> evictor,
    long latenessMillis,
    OutputTag<T> lateTag)
    implements Serializable {
  public WindowSpec {
    Objects.requireNonNull(assigner, "assigner");
    if (latenessMillis < 0) {
      throw new IllegalArgumentException(
          "the allowed lateness must be at least 0, found " + latenessMillis + " ms");
    }
    Trigger<T, W> fires = trigger == null ? assigner.getDefaultTrigger() : trigger;
    if (assigner instanceof MergingWindowAssigner && !fires.canMerge()) {
      throw new UnsupportedOperationException(
          "windows of "
              + assigner.getClass().getSimpleName()
              + " merge, but the trigger "
              + fires.getClass().getSimpleName()
              + " cannot; choose one whose canMerge is true");
    }
  }

  Trigger<T, W> firing() {
    return trigger == null ? assigner.getDefaultTrigger() : trigger;
  }

  /** Null where no windows are moved. */
  Stagger stagger(OperatorContext context, LongSupplier processingTime) {
    Object assigns = assigner;
    if (assigns instanceof TumblingEventTimeWindows tumbling) {
      return stagger(tumbling.getStagger(), tumbling.getSize(), context, processingTime);
    }
    return assigns instanceof TumblingProcessingTimeWindows tumbling
        ? stagger(tumbling.getStagger(), tumbling.getSize(), context, processingTime)
        : null;
  }

  /** By which time windows end. */
  TimerDomain endDomain() {
    return assigner.isEventTime() ? TimerDomain.EVENT_TIME : TimerDomain.PROCESSING_TIME;
  }

  /** How far windows are moved for each key group. */
  private WindowStagger staggering() {
    Object assigns = assigner;
    if (assigns instanceof TumblingEventTimeWindows tumbling) {
      return tumbling.getStagger();
    }
    return assigns instanceof TumblingProcessingTimeWindows tumbling
        ? tumbling.getStagger()
        : WindowStagger.ALIGNED;
  }

  /** What is to be said of the times of slices; nothing of those of event time that stay put. */
  String sliceTimesInWords() {
    WindowStagger stagger = staggering();
    return (assigner.isEventTime() ? "" : ", by the wall clock")
        + (stagger == WindowStagger.ALIGNED ? "" : ", moved by " + stagger);
  }

  private static Stagger stagger(
      WindowStagger kind, long size, OperatorContext context, LongSupplier processingTime) {
    return kind == WindowStagger.ALIGNED ? null : new Stagger(kind, size, context, processingTime);
  }

  /** The time at which a window is forgotten; {@code Long.MAX_VALUE} if it never is. */
  long forgottenAt(W window) {
    long end = window.maxTimestamp();
    return assigner.isEventTime() ? later(end, latenessMillis) : end;
  }

  /** The sum, or {@code Long.MAX_VALUE} where that is too much. */
  static long later(long time, long millis) {
    long sum = time + millis;
    return sum < time ? Long.MAX_VALUE : sum;
  }
}
