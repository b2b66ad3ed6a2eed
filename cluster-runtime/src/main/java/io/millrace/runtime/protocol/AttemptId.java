package io.millrace.runtime.protocol;

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

  /** By its parts in their order. Sorted maps of attempts are looked into with every message. */
  @Override
  public int compareTo(AttemptId other) {
    int order = job.compareTo(other.job);
    order = order != 0 ? order : Integer.compare(region, other.region);
    order = order != 0 ? order : Integer.compare(generation, other.generation);
    order = order != 0 ? order : Integer.compare(chain, other.chain);
    return order != 0 ? order : Integer.compare(subtask, other.subtask);
  }

  @Override
  public String toString() {
    return job + "/r" + region + "g" + generation + "/" + chain + "." + subtask;
  }
}
