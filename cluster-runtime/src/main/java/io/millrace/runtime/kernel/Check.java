package io.millrace.runtime.kernel;

/**
 * Beliefs that the code rests on; checked in production too. A broken one ends the process on
 * purpose.
 */
public final class Check {
  /**
   * @param belief what was expected and what was found
   */
  public static void that(boolean holds, String belief) {
    if (!holds) {
      throw new BrokenInvariantError(belief);
    }
  }

  /** A bug of the engine. */
  public static final class BrokenInvariantError extends AssertionError {
    BrokenInvariantError(String belief) {
      super("broken invariant: " + belief);
    }
  }

  private Check() {}
}
