package io.millrace.api.window;

import java.io.Serializable;

/**
 * Removes records from a window when it fires. A window with an evictor keeps all its records,
 * whatever is computed of it.
 *
 * @param <T> records
 * @param <W> windows
 */
public interface Evictor<T, W extends Window> extends Serializable {
  /**
   * Removes records, by the iterator, before the window is computed.
   *
   * @param elements in the order in which they came
   */
  void evictBefore(
      Iterable<TimestampedValue<T>> elements, int size, W window, EvictorContext context);

  /** Removes records, by the iterator, after the window was computed. */
  void evictAfter(
      Iterable<TimestampedValue<T>> elements, int size, W window, EvictorContext context);

  /** What may be asked meanwhile. */
  interface EvictorContext {
    /** The wall clock of the machine. */
    long getCurrentProcessingTime();

    /** The watermark, {@code Long.MIN_VALUE} before the first one. */
    long getCurrentWatermark();
  }
}
