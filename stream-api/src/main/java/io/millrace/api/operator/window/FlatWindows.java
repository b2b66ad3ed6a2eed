package io.millrace.api.operator.window;

import io.millrace.api.state.Flattening;
import io.millrace.api.window.TimeWindow;

/**
 * A key's only window, of which the trigger waits for nothing but the end: the timer, the window's
 * start and end, and what is of the contents.
 */
record FlatWindows<A>(Flattening<A> contents) implements Flattening<KeyWindows<TimeWindow, A>> {
  /** {@code null} where contents are no numbers. */
  static <A> FlatWindows<A> of(Flattening<A> contents) {
    return contents == null ? null : new FlatWindows<>(contents);
  }

  @Override
  public int width() {
    return 3 + contents.width();
  }

  @Override
  public boolean lay(KeyWindows<TimeWindow, A> value, long[] into, int at) {
    if (value.panes.size() != 1 || value.processingTimer != KeyWindows.NONE || value.runs != 0) {
      return false;
    }
    Pane<TimeWindow, A> pane = value.panes.get(0);
    long[] times = pane.eventTimers;
    if (times == null
        || times.length != 1
        || times[0] != pane.window.maxTimestamp()
        || pane.processingTimers != null) {
      return false;
    }
    into[at] = value.eventTimer;
    into[at + 1] = pane.window.start();
    into[at + 2] = pane.window.end();
    return contents.lay(pane.contents, into, at + 3);
  }

  @Override
  public KeyWindows<TimeWindow, A> lift(long[] from, int at) {
    var value = new KeyWindows<TimeWindow, A>();
    value.eventTimer = from[at];
    var pane = new Pane<TimeWindow, A>(new TimeWindow(from[at + 1], from[at + 2]));
    pane.eventTimers = new long[] {pane.window.maxTimestamp()};
    pane.contents = contents.lift(from, at + 3);
    value.panes.add(pane);
    return value;
  }
}
