package io.millrace.runtime.plan;

/** A job that cannot be planned as it is; the message names the operator and the remedy. */
public final class InvalidPlanException extends RuntimeException {
  InvalidPlanException(String message) {
    super(message);
  }
}
