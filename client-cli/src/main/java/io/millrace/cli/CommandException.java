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

  int exitCode() {
    return exitCode;
  }
}
