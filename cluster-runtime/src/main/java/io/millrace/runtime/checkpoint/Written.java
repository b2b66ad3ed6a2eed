package io.millrace.runtime.checkpoint;

/**
 * What came of adding a fact to the own epoch.
 *
 * @param detail for people
 */
public record Written(Verdict verdict, String detail) {
  /** Whether it is there. */
  public enum Verdict {
    DONE,
    /** Another fact of that name is there. */
    CONFLICT,
    /** The epoch is sealed: somebody else commands the job. */
    FENCED,
    /** What was to be moved vanished; nothing was added. */
    SOURCE_GONE
  }
}
