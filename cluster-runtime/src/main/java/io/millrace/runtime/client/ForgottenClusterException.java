package io.millrace.runtime.client;

import java.io.IOException;

/**
 * Whoever started a cluster's processes answers, and knows nothing of it. If that stays so, it has
 * none any more; the message says what is left to do.
 */
public final class ForgottenClusterException extends IOException {
  private static final long serialVersionUID = 1;

  public ForgottenClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
