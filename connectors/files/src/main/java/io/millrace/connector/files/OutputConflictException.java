package io.millrace.connector.files;

import java.io.IOException;

/**
 * The output directory is not as this job may use it: somebody else's, or changed behind its back.
 * Trying again does not help.
 */
public final class OutputConflictException extends IOException {
  OutputConflictException(String message) {
    super(message);
  }
}
