package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;

/** A run that broke a rule; the message is all that is needed to repeat it. */
final class SimulationFailure extends AssertionError {
  private final transient Trace trace;

  /**
   * @param repeat how to run it again
   */
  SimulationFailure(
      long seed, Faults faults, JobGraph graph, Trace trace, String repeat, Throwable cause) {
    super(
        "seed "
            + seed
            + " (trace "
            + trace.hash()
            + " after "
            + trace.count()
            + " events): "
            + cause.getMessage()
            + "\n  "
            + faults
            + RandomJob.describe(graph)
            + "\n  repeat with: "
            + repeat,
        cause);
    this.trace = trace;
  }

  Trace trace() {
    return trace;
  }
}
