package io.millrace.simulator;

/** The cluster did what it must never do. */
final class InvariantViolation extends AssertionError {
  InvariantViolation(String message) {
    super(message);
  }
}
