package io.millrace.runtime.state;

import java.util.ArrayList;
import java.util.List;

/**
 * Which rows there may be, by their hashes: a Bloom filter (Burton H. Bloom, "Space/time trade-offs
 * in hash coding with allowable errors", 1970) whose bits of one hash lie in one cache line. It
 * grows by parts, and knows nothing any more once it would take more memory than it may.
 */
final class RowFilter {
  private static final int PROBES = 6;
  private static final int BITS_PER_HASH = 10;
  private static final int LINE_LONGS = 8;
  private static final int FIRST_LONGS = 512;
  private static final int GROWTH = 4;

  private final long mostLongs;
  private final List<long[]> parts = new ArrayList<>();
  private long longs;

  /** How many hashes the newest part takes before there has to be another. */
  private int room;

  private boolean unknown;

  private RowFilter(long mostBytes, boolean unknown) {
    this.mostLongs = mostBytes / Long.BYTES;
    this.unknown = unknown;
  }

  static RowFilter ofNothing(long mostBytes) {
    return new RowFilter(mostBytes, false);
  }

  static RowFilter ofUnknown() {
    return new RowFilter(0, true);
  }

  /** {@code false}: certainly not. */
  boolean mayHave(long hash) {
    if (unknown) {
      return true;
    }
    for (int i = parts.size() - 1; i >= 0; i--) {
      if (has(parts.get(i), hash)) {
        return true;
      }
    }
    return false;
  }

  void add(long hash) {
    if (unknown || mayHave(hash)) {
      return;
    }
    if (room == 0 && !grow()) {
      return;
    }
    long[] bits = parts.get(parts.size() - 1);
    int line = line(bits, hash);
    for (long probes = probes(hash), i = 0; i < PROBES; i++, probes >>>= 9) {
      bits[line + (int) (probes >>> 6 & LINE_LONGS - 1)] |= 1L << probes;
    }
    room--;
  }

  private boolean grow() {
    long wanted =
        parts.isEmpty() ? FIRST_LONGS : (long) GROWTH * parts.get(parts.size() - 1).length;
    long next = Math.min(wanted, mostLongs - longs) / LINE_LONGS * LINE_LONGS;
    if (next < LINE_LONGS || next < wanted / 2) {
      unknown = true;
      parts.clear();
      longs = 0;
      return false;
    }
    parts.add(new long[Math.toIntExact(next)]);
    longs += next;
    room = Math.toIntExact(next * Long.SIZE / BITS_PER_HASH);
    return true;
  }

  private static boolean has(long[] bits, long hash) {
    int line = line(bits, hash);
    for (long probes = probes(hash), i = 0; i < PROBES; i++, probes >>>= 9) {
      if ((bits[line + (int) (probes >>> 6 & LINE_LONGS - 1)] & 1L << probes) == 0) {
        return false;
      }
    }
    return true;
  }

  private static int line(long[] bits, long hash) {
    return (int) ((hash >>> 32) * (bits.length / LINE_LONGS) >>> 32) * LINE_LONGS;
  }

  /** Six times nine bits that are not those of the line. */
  private static long probes(long hash) {
    return (hash & 0xffffffffL) * 0x9e3779b97f4a7c15L >>> 10;
  }

  long bytes() {
    return longs * Long.BYTES;
  }
}
