package io.millrace.api.operator.window;

import java.util.ArrayList;
import java.util.List;

/** All slices of a key, as they are kept in state. */
public final class KeySlices<A> {
  /** In place of a time: no timer is set. */
  static final long NONE = Long.MIN_VALUE;

  /** Ascending. */
  public List<Slice<A>> slices = new ArrayList<>(2);

  /** The key's only timer, at or before the next time that any slice waits for. */
  public long timer = NONE;

  public KeySlices() {}

  /** The slice that starts there, null if there is none. Most records belong to the last ones. */
  Slice<A> find(long start) {
    for (int i = slices.size() - 1; i >= 0; i--) {
      Slice<A> slice = slices.get(i);
      if (slice.start <= start) {
        return slice.start == start ? slice : null;
      }
    }
    return null;
  }

  Slice<A> add(long start) {
    int at = slices.size();
    while (at > 0 && slices.get(at - 1).start > start) {
      at--;
    }
    var slice = new Slice<A>(start);
    slices.add(at, slice);
    return slice;
  }
}
