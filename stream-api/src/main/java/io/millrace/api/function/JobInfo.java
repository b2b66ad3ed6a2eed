package io.millrace.api.function;

/** Which job a function belongs to. */
public interface JobInfo {
  /** Id of the job, 32 lower-case hex digits. */
  String getJobId();

  /** As it was given to {@code execute}. */
  String getJobName();
}
