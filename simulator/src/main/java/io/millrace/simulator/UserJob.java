package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.ReaderCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.source.function.FunctionSource;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.function.IntFunction;

/**
 * A job of which nothing is known but what it comes to without faults.
 *
 * @param withParallelism the same where operators have not been given a parallelism of their own
 * @param loader finds its classes
 */
record UserJob(JobGraph graph, IntFunction<JobGraph> withParallelism, ClassLoader loader) {
  /**
   * A life without faults.
   *
   * @param output in order
   * @param stepsPerTask about how long the job is
   */
  record Quiet(List<String> output, long stepsPerTask) {}

  UserJob {
    for (Vertex vertex : graph.vertices()) {
      if (vertex.role() == Vertex.Role.READER
          && ((ReaderCode<?>) vertex.code().open(loader)).source() instanceof FunctionSource) {
        throw new IllegalArgumentException(
            "'"
                + vertex.name()
                + "' is a source function, which runs on a thread of its own: no life with it can be"
                + " repeated; let the simulation begin with fromElements, fromGenerator or a Source,"
                + " and try the function in a test of its own");
      }
    }
  }

  /** One that keeps its parallelism. */
  UserJob(JobGraph graph, ClassLoader loader) {
    this(graph, parallelism -> graph, loader);
  }

  Quiet liveQuietly() {
    Simulation life = Simulation.quiet(this);
    Outcome outcome = life.run();
    if (outcome.status() != JobStatus.FINISHED) {
      throw new AssertionError(
          "without any fault the job ended " + outcome.status() + ": " + outcome.diagnostics());
    }
    return new Quiet(life.output(), life.stepsPerTask());
  }

  /** Lives that seed's life; an error says how to repeat it. */
  Outcome live(long seed, Quiet quiet) {
    return Simulation.of(this, quiet, seed).run();
  }
}
