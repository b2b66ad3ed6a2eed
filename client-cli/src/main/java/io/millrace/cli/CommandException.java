package io.millrace.cli;

/** Ends the command: one line for people, and the exit code. */
final class CommandException extends RuntimeException {
  private final int exitCode;

  CommandException(String message) {
    this(message, 1);
  }

  CommandException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
    this.exitCode = 1;
  }

  int exitCode() {
    return exitCode;
  }
}
