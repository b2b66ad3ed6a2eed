package io.millrace.api.connector;

/**
 * Output cannot be made visible and never will be: what stands in its place is something else, or
 * what was promised is gone. The message names both and the remedy. Ends the job at once, where any
 * other exception of {@link Sink#commit} has the commit tried again.
 */
public final class CommitConflictException extends Exception {
  public CommitConflictException(String message) {
    super(message);
  }
}
