package io.millrace.yarn;

/** A cluster cannot or will not do what is asked; the message is one line with the remedy. */
public final class DeployRefusedException extends Exception {
  DeployRefusedException(String message) {
    super(message);
  }

  DeployRefusedException(String message, Throwable cause) {
    super(message + ": " + reason(cause), cause);
  }

  /** The first line of what the innermost cause says. */
  static String reason(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    String text = root.getMessage() == null ? root.toString() : root.getMessage();
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse(text);
  }
}
