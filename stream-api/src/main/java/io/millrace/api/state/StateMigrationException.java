package io.millrace.api.state;

/**
 * What a checkpoint holds cannot become what the program declares; says what it was, what it is and
 * what to do about it. The same at every try, so the job ends at once.
 */
public class StateMigrationException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public StateMigrationException(String message) {
    super(message);
  }
}
