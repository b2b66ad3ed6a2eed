package io.millrace.connector.files;

/**
 * The output directory is not as this job may use it: somebody else's, or changed behind its back.
 * Trying again does not help, hence no IOException.
 */
public final class OutputConflictException extends RuntimeException {
  OutputConflictException(String message) {
    super(message);
  }
}
