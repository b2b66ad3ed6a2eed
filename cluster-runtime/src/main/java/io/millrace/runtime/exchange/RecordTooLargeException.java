package io.millrace.runtime.exchange;

/** A record has more bytes than may go over the network; trying again does not help. */
public final class RecordTooLargeException extends RuntimeException {
  public RecordTooLargeException(String message) {
    super(message);
  }
}
