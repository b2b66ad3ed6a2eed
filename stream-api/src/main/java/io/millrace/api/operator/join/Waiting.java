package io.millrace.api.operator.join;

/** What of a key waits for partners, as it is kept in state. A POJO, as {@link TimeIndex} is. */
public final class Waiting {
  /** In place of a time: no timer is set. */
  static final long NONE = Long.MIN_VALUE;

  public TimeIndex left = new TimeIndex();
  public TimeIndex right = new TimeIndex();

  /** The key's only timer, at or before the time at which the first record may go. */
  public long timer = NONE;

  public Waiting() {}
}
