package io.millrace.runtime.task;

import java.io.IOException;

/** A file that came with the job is not what it was at submission; no later try finds it so. */
public final class FileUnusableException extends IOException {
  public FileUnusableException(String message) {
    super(message);
  }
}
