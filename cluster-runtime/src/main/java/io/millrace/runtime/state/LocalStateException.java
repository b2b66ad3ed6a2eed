package io.millrace.runtime.state;

/** State on local disk cannot be read or written; the message names the place. */
public final class LocalStateException extends RuntimeException {
  public LocalStateException(String message, Throwable cause) {
    super(message, cause);
  }
}
