package io.millrace.api.executor;

import io.millrace.api.connector.Sink;

/** Records on their way back into the program that runs the job. */
public interface Collected<T> {
  /** Where the stream has to end, with one subtask. */
  Sink<T> sink();

  /**
   * The records, each once, as soon as a checkpoint covers them; waits for the next one. Once the
   * job has ended and all records were taken there is no next one; if it has failed, asking for it
   * throws an IllegalStateException with the cause. To close it cancels a job that still runs, and
   * waits for its end.
   */
  CloseableIterator<T> of(JobClient job);
}
