package io.millrace.api.window;

import java.util.Collection;

/**
 * Gives each record a window of its own and merges those that belong together, such as sessions.
 * Needs a trigger that {@linkplain Trigger#canMerge can merge}.
 */
public abstract class MergingWindowAssigner<T, W extends Window> extends WindowAssigner<T, W> {
  /** Tells the callback of each group of two or more windows that are to become one. */
  public abstract void mergeWindows(Collection<W> windows, MergeCallback<W> callback);

  /** Is told what to merge. */
  public interface MergeCallback<W> {
    /**
     * @param toBeMerged windows that end here
     * @param mergeResult what takes their place
     */
    void merge(Collection<W> toBeMerged, W mergeResult);
  }
}
