package io.millrace.api.operator.window;

import io.millrace.api.state.Flattening;

/** A key's only slice: the timer, the start, and what is of the contents. */
record FlatSlices<A>(Flattening<A> contents) implements Flattening<KeySlices<A>> {
  /** {@code null} where contents are no numbers. */
  static <A> FlatSlices<A> of(Flattening<A> contents) {
    return contents == null ? null : new FlatSlices<>(contents);
  }

  @Override
  public int width() {
    return 2 + contents.width();
  }

  @Override
  public boolean lay(KeySlices<A> value, long[] into, int at) {
    if (value.slices.size() != 1) {
      return false;
    }
    Slice<A> slice = value.slices.get(0);
    into[at] = value.timer;
    into[at + 1] = slice.start;
    return contents.lay(slice.contents, into, at + 2);
  }

  @Override
  public KeySlices<A> lift(long[] from, int at) {
    var value = new KeySlices<A>();
    value.timer = from[at];
    value.add(from[at + 1]).contents = contents.lift(from, at + 2);
    return value;
  }
}
