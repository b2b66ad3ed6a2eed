package io.millrace.runtime.plan;

/** A checkpoint does not fit the job; the message names the operator. */
public final class CannotRestoreException extends RuntimeException {
  CannotRestoreException(String message) {
    super(message);
  }
}
