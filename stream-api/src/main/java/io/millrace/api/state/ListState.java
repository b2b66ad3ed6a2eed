package io.millrace.api.state;

import java.util.List;

/** A list per key, or of a subtask; it never holds {@code null}. */
public interface ListState<T> extends State {
  /**
   * Appends a value, which is not to be changed afterwards.
   *
   * @throws NullPointerException if it is {@code null}
   */
  void add(T value);

  /**
   * Like {@link #add} for each of the values in turn; none of them does nothing.
   *
   * @throws NullPointerException if one of them is {@code null}; those before it may be in the list
   */
  void addAll(List<T> values);

  /**
   * Replaces the whole list by the values, the list itself is not kept; an empty one forgets it.
   *
   * @throws NullPointerException if one of them is {@code null}; the list is as it was
   */
  void update(List<T> values);

  /** The values in the order they were added, empty if there are none; not to be changed. */
  Iterable<T> get();
}
