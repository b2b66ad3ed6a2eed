package io.millrace.runtime.state;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Hashes of rows' keys, for tables in memory; nothing that outlives the process depends on them.
 */
final class RowHash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static long of(byte[] bytes, int from, int length) {
    long hash = length * 0x9e3779b97f4a7c15L;
    int at = from;
    for (int left = length; left > 0; left -= Long.BYTES, at += Long.BYTES) {
      hash = mixed(hash ^ word(bytes, at, left));
    }
    return hash;
  }

  private static long word(byte[] bytes, int at, int left) {
    if (left >= Long.BYTES) {
      return (long) LONGS.get(bytes, at);
    }
    long word = 0;
    for (int i = 0; i < left; i++) {
      word |= (bytes[at + i] & 0xffL) << 8 * i;
    }
    return word;
  }

  /**
   * As splitmix64 does it (Steele, Lea, Flood, "Fast splittable pseudorandom number generators").
   */
  private static long mixed(long word) {
    long mixed = (word ^ word >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }

  private RowHash() {}
}
