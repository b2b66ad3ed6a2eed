package io.millrace.api.operator.window;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.window.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * All windows of a key, as they are kept in state. A key has one timer for each kind of time, at or
 * before the earliest time that any of its windows waits for; when it fires, the next one is set.
 */
public final class KeyWindows<W extends Window, A> {
  /** In place of a time: no timer is set. */
  static final long NONE = Long.MIN_VALUE;

  /** Ascending by the windows' highest timestamp. */
  public List<Pane<W, A>> panes = new ArrayList<>(2);

  public long eventTimer = NONE;
  public long processingTimer = NONE;

  /** How many runs of places for chunks of records have been given out, see {@link Records}. */
  public long runs;

  public KeyWindows() {}

  /** The pane of a window, null if there is none. */
  Pane<W, A> find(W window) {
    int at = indexOf(window);
    return at < 0 ? null : panes.get(at);
  }

  /** A new pane for a window that has none. */
  Pane<W, A> add(W window) {
    var pane = new Pane<W, A>(window);
    panes.add(firstFrom(window.maxTimestamp()), pane);
    return pane;
  }

  void remove(Pane<W, A> pane) {
    panes.remove(indexOf(pane.window));
  }

  private int indexOf(W window) {
    long end = window.maxTimestamp();
    for (int i = firstFrom(end); i < panes.size(); i++) {
      W other = panes.get(i).window;
      if (other.equals(window)) {
        return i;
      }
      if (other.maxTimestamp() != end) {
        break;
      }
    }
    return -1;
  }

  /** Index of the first pane that ends at or after a time. */
  private int firstFrom(long end) {
    int low = 0;
    int high = panes.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (panes.get(middle).window.maxTimestamp() < end) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  long timer(TimerDomain domain) {
    return domain == TimerDomain.EVENT_TIME ? eventTimer : processingTimer;
  }

  void setTimer(TimerDomain domain, long time) {
    if (domain == TimerDomain.EVENT_TIME) {
      eventTimer = time;
    } else {
      processingTimer = time;
    }
  }
}
