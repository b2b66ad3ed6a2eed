package io.millrace.hdfs;

import java.util.Arrays;
import java.util.Random;

/** Ways in which a stored file can turn out other than it was written. */
enum Mutation {
  TRUNCATED,
  EMPTY,
  FLIPPED,
  DELETED,
  SWAPPED,
  STALE,
  ZEROED;

  /** The damaged bytes, {@code null} for no file. */
  static byte[] of(Random random, byte[] good, byte[] other, byte[] stale) {
    byte[] bad = good.clone();
    switch (values()[random.nextInt(values().length)]) {
      case TRUNCATED:
        return Arrays.copyOf(good, random.nextInt(good.length));
      case EMPTY:
        return new byte[0];
      case FLIPPED:
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
        return bad;
      case DELETED:
        return null;
      case SWAPPED:
        return other;
      case STALE:
        return stale;
      default:
        int from = random.nextInt(bad.length - 64);
        Arrays.fill(bad, from, from + 64, (byte) 0);
        return bad;
    }
  }
}
