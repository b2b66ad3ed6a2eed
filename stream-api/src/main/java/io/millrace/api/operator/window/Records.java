package io.millrace.api.operator.window;

import java.util.ArrayList;
import java.util.List;

/**
 * A list as a window keeps it: its end, and where the rest is. A POJO, so that it is written
 * without marks. See {@link RecordChunks}.
 */
public final class Records<E> {
  private static final long[] NONE = {};

  /**
   * Places of full chunks in the order of their records: the first of a run, and how many it has.
   */
  public long[] runs = NONE;

  /** Where the next chunk goes. */
  public long next;

  /** What has come since; most windows have few records. */
  public List<E> end = new ArrayList<>(4);

  public Records() {}

  Records(long first) {
    next = first;
  }

  /** Whether there is nothing but the end. */
  boolean isShort() {
    return runs.length == 0;
  }

  /** Puts a chunk's place behind the others. */
  void append(long place) {
    int last = runs.length - 2;
    if (last >= 0 && runs[last] + runs[last + 1] == place) {
      runs[last + 1]++;
      return;
    }
    append(new long[] {place, 1});
  }

  /** Puts other runs behind these. */
  void append(long[] more) {
    long[] all = new long[runs.length + more.length];
    System.arraycopy(runs, 0, all, 0, runs.length);
    System.arraycopy(more, 0, all, runs.length, more.length);
    runs = all;
  }

  /** The places of all full chunks, in order. */
  long[] places() {
    int count = 0;
    for (int i = 1; i < runs.length; i += 2) {
      count += (int) runs[i];
    }
    long[] places = new long[count];
    int at = 0;
    for (int i = 0; i < runs.length; i += 2) {
      for (long n = 0; n < runs[i + 1]; n++) {
        places[at++] = runs[i] + n;
      }
    }
    return places;
  }
}
