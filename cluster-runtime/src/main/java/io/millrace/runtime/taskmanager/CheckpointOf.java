package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.JobId;
import java.util.Comparator;

/** One checkpoint of one execution of a region. */
record CheckpointOf(JobId job, int region, int generation, long checkpoint)
    implements Comparable<CheckpointOf> {
  private static final Comparator<CheckpointOf> ORDER =
      Comparator.comparing(CheckpointOf::job)
          .thenComparingInt(CheckpointOf::region)
          .thenComparingInt(CheckpointOf::generation)
          .thenComparingLong(CheckpointOf::checkpoint);

  boolean includes(AttemptId attempt) {
    return attempt.job().equals(job)
        && attempt.region() == region
        && attempt.generation() == generation;
  }

  boolean isOfSameExecution(CheckpointOf other) {
    return job.equals(other.job) && region == other.region && generation == other.generation;
  }

  @Override
  public int compareTo(CheckpointOf other) {
    return ORDER.compare(this, other);
  }
}
