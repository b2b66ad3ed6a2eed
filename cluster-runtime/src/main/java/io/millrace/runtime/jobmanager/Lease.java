package io.millrace.runtime.jobmanager;

import java.time.Duration;

/**
 * How long a JobManager may command without a word from any witness that it is still the one. The
 * witnesses are the platform and the claims folder; one of them is enough.
 *
 * @param silence of both after which it fences itself
 */
public record Lease(Duration silence) {
  private static final Duration LONGEST_INTERVAL = Duration.ofSeconds(30);
  private static final int ASKED_PER_LEASE = 10;

  /** For a platform that says nothing of its expiry: that of YARN by default. */
  public static final Lease DEFAULT = ofExpiry(Duration.ofMinutes(15));

  public Lease {
    if (silence.toMillis() < 1) {
      throw new IllegalArgumentException("a lease lasts at least 1 ms, found " + silence);
    }
  }

  /**
   * Ends clearly before the platform starts another JobManager, clocks that differ in speed
   * included.
   *
   * @param expiry silence after which the platform takes a JobManager for dead
   */
  public static Lease ofExpiry(Duration expiry) {
    return new Lease(Duration.ofMillis(Math.max(1, expiry.toMillis() * 6 / 10)));
  }

  /**
   * Time from one question to a witness to the next: a few may get lost, and a higher claim is
   * noticed soon however long the lease.
   */
  public Duration interval() {
    Duration share = silence.dividedBy(ASKED_PER_LEASE);
    Duration bounded = share.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : share;
    return Duration.ofMillis(Math.max(1, bounded.toMillis()));
  }
}
