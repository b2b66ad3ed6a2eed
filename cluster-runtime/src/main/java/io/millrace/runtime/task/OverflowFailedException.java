package io.millrace.runtime.task;

/** Local disk did not take, or did not give back, what waits for a task's consumers. */
public final class OverflowFailedException extends RuntimeException {
  public OverflowFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
