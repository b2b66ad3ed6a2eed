package io.millrace.runtime.taskmanager;

import io.millrace.runtime.kernel.Message;

/** The host's word about the connection to the JobManager. */
public sealed interface Line extends Message {
  /** There is one, to that JobManager which is followed: what was said before it is lost. */
  record Made() implements Line {}

  /** It broke; the host tries to make another one. */
  record Lost() implements Line {}
}
