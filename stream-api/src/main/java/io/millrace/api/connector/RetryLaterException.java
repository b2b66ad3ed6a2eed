package io.millrace.api.connector;

import java.io.IOException;

/**
 * What was asked for cannot be done now, because a storage or server does not answer or refuses.
 * Nothing is lost: the same call may be made again later, and then does all of it.
 */
public final class RetryLaterException extends IOException {
  private static final long serialVersionUID = 1;

  public RetryLaterException(String message, Throwable cause) {
    super(message, cause);
  }
}
