package io.millrace.api.state;

import java.util.List;

/** A list per key. */
public interface ListState<T> extends State {
  void add(T value);

  void addAll(List<T> values);

  /** Replaces the whole list; an empty one forgets it. */
  void update(List<T> values);

  /** The values in the order they were added, empty if there are none; not to be changed. */
  Iterable<T> get();
}
