package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;

/**
 * A job of which nothing is known but what it comes to without faults.
 *
 * @param loader finds its classes
 */
record UserJob(JobGraph graph, ClassLoader loader) {
  /**
   * A life without faults.
   *
   * @param output in order
   * @param stepsPerTask about how long the job is
   */
  record Quiet(List<String> output, long stepsPerTask) {}

  Quiet liveQuietly() {
    Simulation life = Simulation.quiet(this);
    Simulation.Outcome outcome = life.run();
    if (outcome.status() != JobStatus.FINISHED) {
      throw new AssertionError(
          "without any fault the job ended " + outcome.status() + ": " + outcome.diagnostics());
    }
    return new Quiet(life.output(), life.stepsPerTask());
  }

  /** Lives that seed's life; an error says how to repeat it. */
  Simulation.Outcome live(long seed, Quiet quiet) {
    return Simulation.of(this, quiet, seed).run();
  }
}
