package io.millrace.api.source;

/**
 * How many records may be emitted by now. After a pause it allows to catch up, but not more than a
 * tenth of a second's records (at least one) at once: a reader that was held up must not flood.
 */
final class Pace {
  /** Faster than any reader; arithmetic with a higher number would lose its meaning. */
  private static final double NO_LIMIT = 1e12;

  private final double perSecond;
  private final long burst;
  private boolean begun;
  private long beginMillis;
  private long taken;

  Pace(double perSecond) {
    this.perSecond = perSecond;
    burst = Math.max(1, (long) Math.min(perSecond / 10, Long.MAX_VALUE / 4));
  }

  long permits(long nowMillis) {
    if (perSecond >= NO_LIMIT) {
      return Long.MAX_VALUE;
    }
    if (!begun) {
      begun = true;
      beginMillis = nowMillis;
    }
    // The first record is due at once.
    long due = (long) ((nowMillis - beginMillis) * perSecond / 1000) + 1;
    taken = Math.max(taken, due - burst);
    return Math.max(0, due - taken);
  }

  void took(long count) {
    if (perSecond < NO_LIMIT) {
      taken += count;
    }
  }

  /** When the next record is due. */
  long nextMillis() {
    return beginMillis + (long) Math.ceil(taken * 1000 / perSecond);
  }
}
