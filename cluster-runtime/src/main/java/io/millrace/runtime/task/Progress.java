package io.millrace.runtime.task;

/** What a step came to. */
public enum Progress {
  /** Something was done; there may be more. */
  WORKED,
  /** Nothing to do until input arrives, a time passes or a command comes. */
  IDLE,
  /** There may be input, but an output has no credit. */
  BLOCKED,
  /** The task has ended; it must not be stepped again. */
  DONE
}
