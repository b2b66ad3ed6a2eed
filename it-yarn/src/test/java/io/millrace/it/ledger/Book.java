package io.millrace.it.ledger;

import java.io.Serializable;

/**
 * All bookings there will ever be: each a function of the seed and its place. The job reads them
 * through its source, the verifier calls them up by itself.
 *
 * @param entries of each partition
 * @param perSecond how many entries of a partition one second of event time holds
 * @param accounts how many accounts there are; a tenth of the entries goes to the first five
 */
public record Book(long seed, int partitions, long entries, int perSecond, int accounts)
    implements Serializable {
  /** An entry's time lies less than this above that of its place, so entries come out of order. */
  private static final int DISORDER_MILLIS = 200;

  private static final int BUSY_ACCOUNTS = 5;

  public Book {
    if (partitions < 1 || entries < 1 || perSecond < 1 || accounts < BUSY_ACCOUNTS) {
      throw new IllegalArgumentException(
          "a book needs at least one partition, entry and entry per second, and "
              + BUSY_ACCOUNTS
              + " accounts");
    }
  }

  public Entry entry(int partition, long seq) {
    long bits = mixed(mixed(seed + partition) + seq);
    int account =
        Math.floorMod(bits, 10) == 0
            ? Math.floorMod(bits >>> 8, BUSY_ACCOUNTS)
            : Math.floorMod(bits >>> 8, accounts);
    long value = mixed(bits) % 1_000_000;
    long time = earliest(seq) + Math.floorMod(bits >>> 40, DISORDER_MILLIS);
    return new Entry(partition, seq, "account-" + account, value, time);
  }

  /** No entry of a partition from this number on has an earlier time. */
  public long earliest(long seq) {
    return seq * 1_000 / perSecond;
  }

  /** Later than the time of any entry. */
  long end() {
    return earliest(entries) + DISORDER_MILLIS;
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
  static long mixed(long bits) {
    long z = bits + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
