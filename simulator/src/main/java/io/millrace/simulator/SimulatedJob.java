package io.millrace.simulator;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.Sink;
import io.millrace.api.graph.JobGraph;

/** What a {@link SimTest} builds its job with. */
public final class SimulatedJob {
  private final StreamExecutionEnvironment env =
      StreamExecutionEnvironment.getExecutionEnvironment();

  SimulatedJob() {}

  /** Where the job is built; its parallelism is 1 unless the test sets another one. */
  public StreamExecutionEnvironment env() {
    return env;
  }

  /**
   * Where the output goes that lives are compared by, exactly once; records by their {@link
   * Object#toString text}. May be used for several streams.
   */
  public <T> Sink<T> sink() {
    return new LedgerSink<>();
  }

  /** The job as it was built. */
  UserJob built(ClassLoader loader) {
    return new UserJob(
        graph(loader),
        parallelism -> {
          env.setParallelism(parallelism);
          return graph(loader);
        },
        loader);
  }

  private JobGraph graph(ClassLoader loader) {
    return new Outside.Post().in(env.getJobGraph(), loader);
  }
}
