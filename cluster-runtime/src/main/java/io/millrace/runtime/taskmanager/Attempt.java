package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.Phase;

/** One attempt that lives here, from Deploy until its end is reported. */
final class Attempt {
  final AttemptId id;
  final String manifest;
  Phase phase = Phase.STARTING;

  /** Set once its task exists; commands can be sent from then on. */
  Preparation loaded;

  long checkpointSeen;
  long checkpointCompleted;

  /** Whether its source was told to end before its input does. */
  boolean stopped;

  /** When it was told to end, monotonic. */
  long cancelledAtMillis;

  /** Why it was told to end, if not by the JobManager. */
  Failure failure;

  /** Whether that is because what it is restored from is not what was written. */
  boolean corrupt;

  /** Whether its task has ended for a lost connection, which is not reported yet. */
  boolean disconnected;

  Attempt(AttemptId id, String manifest) {
    this.id = id;
    this.manifest = manifest;
  }

  /** Whether its task exists and was not told to end. */
  boolean takesCommands() {
    return loaded != null && phase != Phase.CANCELLING && !disconnected;
  }

  AttemptStatus status(Epoch epoch) {
    return new AttemptStatus(id, epoch, phase, checkpointSeen, checkpointCompleted, stopped);
  }
}
