package io.millrace.runtime.checkpoint;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.runtime.protocol.JobStatus;

/** Which ends of a job its checkpoints outlive. */
public enum Retention {
  RETAIN_ON_CANCELLATION,
  DELETE_ON_CANCELLATION,
  NO_EXTERNALIZED_CHECKPOINTS;

  public static Retention of(Configuration settings) {
    return valueOf(settings.get(JobSettings.CHECKPOINT_RETENTION));
  }

  /** Whether they stay once the job has ended so. */
  public boolean keeps(JobStatus end) {
    return switch (end) {
      case CANCELED -> this == RETAIN_ON_CANCELLATION;
      case FAILED -> this != NO_EXTERNALIZED_CHECKPOINTS;
      default -> false;
    };
  }
}
