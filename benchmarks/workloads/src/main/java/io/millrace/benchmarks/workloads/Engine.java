package io.millrace.benchmarks.workloads;

import io.millrace.benchmarks.workloads.events.Tally;

/** Computes workloads in this process. */
public interface Engine extends AutoCloseable {
  /**
   * Runs one job to its end, whose sink adds each result to a {@link Tally} of its own.
   *
   * @param events how many, from number 0 on
   */
  void run(Workload workload, long events) throws Exception;

  @Override
  default void close() {}

  /** Makes one, with what may be kept from job to job. */
  interface Start {
    /**
     * @param variant such as flink-best
     * @throws IllegalArgumentException if there is no such one
     */
    Engine start(String variant) throws Exception;
  }
}
