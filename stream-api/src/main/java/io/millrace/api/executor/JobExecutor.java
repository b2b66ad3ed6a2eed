package io.millrace.api.executor;

import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.type.TypeInformation;
import java.util.Map;
import java.util.Optional;

/** Runs jobs: in this JVM, or on the cluster that the command line chose. */
public interface JobExecutor {
  /** Higher wins where several are on the classpath. */
  int priority();

  /** Settings that lie under what the program itself sets: configuration file and command line. */
  default Map<String, String> defaults() {
    return Map.of();
  }

  /**
   * Submits a job; returns once it was accepted.
   *
   * @param program what sources and sinks of the graph were before they were made opaque; used to
   *     validate them here
   */
  JobClient submit(JobGraph graph, Program program) throws Exception;

  /**
   * A way back for records of a job that is submitted afterwards.
   *
   * @return empty if jobs run where nothing comes back from
   */
  default <T> Optional<Collected<T>> collected(TypeInformation<T> type) {
    return Optional.empty();
  }

  /** The live objects behind a graph's opaque code. */
  interface Program {
    /** The source or sink of a vertex; {@code null} for other roles. */
    Object connector(Vertex vertex);
  }
}
