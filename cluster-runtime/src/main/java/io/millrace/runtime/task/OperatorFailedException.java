package io.millrace.runtime.task;

import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.kernel.Check;

/** Carries the name of the operator whose call failed, through the calls of those before it. */
final class OperatorFailedException extends RuntimeException {
  private final String operator;

  private OperatorFailedException(String operator, Throwable cause) {
    super(operator + ": " + cause, cause, false, false);
    this.operator = operator;
  }

  /**
   * Names the operator, unless one further down the chain is named already. What no operator can be
   * blamed for, such as a lack of memory or a lost connection, is thrown on as it is.
   */
  static OperatorFailedException at(String operator, Throwable cause) {
    if (cause instanceof OperatorFailedException named) {
      return named;
    }
    if (cause instanceof Error error && fatal(error)) {
      throw error;
    }
    if (cause instanceof ChannelBrokenException broken) {
      throw broken;
    }
    return new OperatorFailedException(operator, cause);
  }

  static boolean fatal(Error error) {
    return error instanceof VirtualMachineError && !(error instanceof StackOverflowError)
        || error instanceof Check.BrokenInvariantError;
  }

  String operator() {
    return operator;
  }
}
