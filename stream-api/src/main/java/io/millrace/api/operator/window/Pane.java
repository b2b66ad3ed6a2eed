package io.millrace.api.operator.window;

import io.millrace.api.operator.TimerDomain;
import io.millrace.api.window.Window;
import java.util.Arrays;

/** One window of a key, as it is kept in state. A POJO, so that it is written without marks. */
public final class Pane<W extends Window, A> {
  private static final long[] NO_TIMERS = {};

  public W window;

  /** Null if the trigger has purged them. */
  public A contents;

  /** Times that the trigger asked for, ascending; null for none. */
  public long[] eventTimers;

  /** Times that the trigger asked for, ascending; null for none. */
  public long[] processingTimers;

  public Pane() {}

  Pane(W window) {
    this.window = window;
  }

  boolean hasTimers() {
    return eventTimers != null || processingTimers != null;
  }

  /** The trigger's times, ascending. */
  long[] timers(TimerDomain domain) {
    long[] times = domain == TimerDomain.EVENT_TIME ? eventTimers : processingTimers;
    return times == null ? NO_TIMERS : times;
  }

  void addTimer(TimerDomain domain, long time) {
    long[] times = timers(domain);
    int at = Arrays.binarySearch(times, time);
    if (at >= 0) {
      return;
    }
    int place = -at - 1;
    long[] more = new long[times.length + 1];
    System.arraycopy(times, 0, more, 0, place);
    more[place] = time;
    System.arraycopy(times, place, more, place + 1, times.length - place);
    setTimers(domain, more);
  }

  /** Whether there was such a timer. */
  boolean removeTimer(TimerDomain domain, long time) {
    long[] times = timers(domain);
    int at = Arrays.binarySearch(times, time);
    if (at < 0) {
      return false;
    }
    long[] fewer = new long[times.length - 1];
    System.arraycopy(times, 0, fewer, 0, at);
    System.arraycopy(times, at + 1, fewer, at, fewer.length - at);
    setTimers(domain, fewer.length == 0 ? null : fewer);
    return true;
  }

  private void setTimers(TimerDomain domain, long[] times) {
    if (domain == TimerDomain.EVENT_TIME) {
      eventTimers = times;
    } else {
      processingTimers = times;
    }
  }
}
