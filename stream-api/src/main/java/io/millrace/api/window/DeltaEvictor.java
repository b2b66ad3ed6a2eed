package io.millrace.api.window;

import java.util.Objects;

/** Keeps the records that are nearer than a threshold to the last one. */
public final class DeltaEvictor<T, W extends Window> implements Evictor<T, W> {
  private final double threshold;
  private final DeltaFunction<T> deltaFunction;
  private final boolean doEvictAfter;

  private DeltaEvictor(double threshold, DeltaFunction<T> deltaFunction, boolean doEvictAfter) {
    this.threshold = threshold;
    this.deltaFunction = Objects.requireNonNull(deltaFunction, "deltaFunction");
    this.doEvictAfter = doEvictAfter;
  }

  /** Removes the others before the window is computed. */
  public static <T, W extends Window> DeltaEvictor<T, W> of(
      double threshold, DeltaFunction<T> deltaFunction) {
    return new DeltaEvictor<>(threshold, deltaFunction, false);
  }

  /**
   * @param doEvictAfter whether to remove the others after the window was computed
   */
  public static <T, W extends Window> DeltaEvictor<T, W> of(
      double threshold, DeltaFunction<T> deltaFunction, boolean doEvictAfter) {
    return new DeltaEvictor<>(threshold, deltaFunction, doEvictAfter);
  }

  @Override
  public void evictBefore(
      Iterable<TimestampedValue<T>> elements, int size, W window, EvictorContext context) {
    if (!doEvictAfter) {
      evict(elements);
    }
  }

  @Override
  public void evictAfter(
      Iterable<TimestampedValue<T>> elements, int size, W window, EvictorContext context) {
    if (doEvictAfter) {
      evict(elements);
    }
  }

  private void evict(Iterable<TimestampedValue<T>> elements) {
    TimestampedValue<T> last = null;
    for (TimestampedValue<T> element : elements) {
      last = element;
    }
    for (var each = elements.iterator(); each.hasNext(); ) {
      if (deltaFunction.getDelta(each.next().value(), last.value()) >= threshold) {
        each.remove();
      }
    }
  }
}
