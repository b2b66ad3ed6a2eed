package io.millrace.api.executor;

/**
 * What a savepoint's files look like. There is one format, which either store restores; all mean
 * it.
 */
public enum SavepointFormatType {
  /** The format. */
  CANONICAL,
  /** The same: no store has a format of its own for savepoints. */
  NATIVE;

  /** What is taken if nothing is said. */
  public static final SavepointFormatType DEFAULT = CANONICAL;
}
