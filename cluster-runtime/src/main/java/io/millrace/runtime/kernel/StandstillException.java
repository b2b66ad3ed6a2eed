package io.millrace.runtime.kernel;

import java.io.IOException;
import java.time.Duration;

/**
 * Offloaded work has come no further for as long as anybody waits for it. Mostly it waits itself,
 * for a store or another system, which may answer the next time.
 */
public final class StandstillException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * @param where it was at work
   */
  public StandstillException(String where, Duration patience) {
    super("a call in lane " + where + " came no further for " + patience);
  }
}
