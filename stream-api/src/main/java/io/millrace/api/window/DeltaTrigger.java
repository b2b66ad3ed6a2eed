package io.millrace.api.window;

import io.millrace.api.state.StateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import io.millrace.api.type.TypeInformation;
import java.util.List;
import java.util.Objects;

/** Fires when a record is further than a threshold from the one that fired last. */
public final class DeltaTrigger<T, W extends Window> extends Trigger<T, W> {
  private final double threshold;
  private final DeltaFunction<T> deltaFunction;
  private final ValueStateDescriptor<T> last;

  private DeltaTrigger(double threshold, DeltaFunction<T> deltaFunction, TypeInformation<T> type) {
    this.threshold = threshold;
    this.deltaFunction = Objects.requireNonNull(deltaFunction, "deltaFunction");
    this.last = new ValueStateDescriptor<>("last-element", type);
  }

  /**
   * The first record of a window never fires; it is what the next ones are compared with.
   *
   * @param type of the records, for the one that is kept; {@code stream.getType()} will do
   */
  public static <T, W extends Window> DeltaTrigger<T, W> of(
      double threshold, DeltaFunction<T> deltaFunction, TypeInformation<T> type) {
    return new DeltaTrigger<>(threshold, deltaFunction, type);
  }

  @Override
  public List<StateDescriptor> states() {
    return List.of(last);
  }

  @Override
  public TriggerResult onElement(T element, long timestamp, W window, TriggerContext ctx) {
    ValueState<T> kept = ctx.getPartitionedState(last);
    T before = kept.value();
    if (before == null) {
      kept.update(element);
      return TriggerResult.CONTINUE;
    }
    if (deltaFunction.getDelta(before, element) <= threshold) {
      return TriggerResult.CONTINUE;
    }
    kept.update(element);
    return TriggerResult.FIRE;
  }

  @Override
  public TriggerResult onEventTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public TriggerResult onProcessingTime(long time, W window, TriggerContext ctx) {
    return TriggerResult.CONTINUE;
  }

  @Override
  public void clear(W window, TriggerContext ctx) {
    ctx.getPartitionedState(last).clear();
  }
}
