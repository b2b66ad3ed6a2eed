package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.io.Serializable;
import java.util.Collection;

/**
 * Tells which windows a record belongs to. Keeps nothing from record to record.
 *
 * @param <T> records
 * @param <W> windows
 */
public abstract class WindowAssigner<T, W extends Window> implements Serializable {
  /**
   * The windows of a record; none if it belongs to none.
   *
   * @param timestamp event time in milliseconds since the epoch, {@code Long.MIN_VALUE} if the
   *     record has none
   */
  public abstract Collection<W> assignWindows(
      T element, long timestamp, WindowAssignerContext context);

  /** What fires the windows if the program says nothing else. */
  public abstract Trigger<T, W> getDefaultTrigger();

  /** Whether windows end by the watermark, as opposed to the wall clock. */
  public abstract boolean isEventTime();

  /** The type of the windows, as they are kept in state; dynamic unless overridden. */
  @SuppressWarnings("unchecked") // dynamic stands for any type
  public TypeInformation<W> getWindowType() {
    return (TypeInformation<W>) (TypeInformation<?>) TypeInformation.dynamic();
  }

  /** What may be asked while windows are assigned. */
  public abstract static class WindowAssignerContext {
    /** The wall clock of the machine in milliseconds since the epoch. */
    public abstract long getCurrentProcessingTime();

    /**
     * How far the windows of the record's key group are moved, from 0 to less than the size; only
     * an operator knows it.
     *
     * @param size of the windows in milliseconds
     */
    public long staggerOffset(WindowStagger stagger, long size) {
      throw new UnsupportedOperationException(
          "windows are moved (" + stagger + ") within an operator only");
    }
  }
}
