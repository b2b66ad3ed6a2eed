package io.millrace.runtime.protocol;

import java.util.Comparator;
import java.util.Objects;

/**
 * One execution of one subtask. Every restart of a region raises its generation and so makes new
 * attempts.
 *
 * @param chain index of the chain in the job's plan
 */
public record AttemptId(JobId job, int region, int generation, int chain, int subtask)
    implements Comparable<AttemptId> {
  public AttemptId {
    Objects.requireNonNull(job);
  }

  private static final Comparator<AttemptId> ORDER =
      Comparator.comparing(AttemptId::job)
          .thenComparingInt(AttemptId::region)
          .thenComparingInt(AttemptId::generation)
          .thenComparingInt(AttemptId::chain)
          .thenComparingInt(AttemptId::subtask);

  @Override
  public int compareTo(AttemptId other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return job + "/r" + region + "g" + generation + "/" + chain + "." + subtask;
  }
}
