package io.millrace.runtime.host;

import io.millrace.api.config.Configuration;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.Source;
import io.millrace.api.executor.JobExecutor.Program;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode.UnreadableCodeException;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.plan.InvalidPlanException;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.JobId;

/** What can be found out about a job before anybody is asked to run it. */
public final class Inspection {
  private Inspection() {}

  /**
   * @param defaults beneath what the job sets itself
   */
  public static JobPlan plan(JobGraph graph, Configuration defaults) {
    try {
      return JobPlan.of(graph, defaults);
    } catch (InvalidPlanException e) {
      throw new RefusedException("the job cannot be planned: " + e.getMessage());
    }
  }

  /** Opens all code as the cluster will, so that classes that are missing show now. */
  public static void link(JobGraph graph, ClassLoader loader) {
    try {
      for (Vertex vertex : graph.vertices()) {
        vertex.code().open(loader);
      }
      for (Edge edge : graph.edges()) {
        edge.code().open(loader);
      }
    } catch (UnreadableCodeException e) {
      throw new RefusedException(
          e.getMessage() + "; put the class into the program's jar, or name its jar with -C");
    }
  }

  /** Asks sources and sinks whether what they read and write is there and theirs. */
  public static void validate(
      JobGraph graph, Program live, JobId job, String lineage, ClassLoader loader) {
    for (Vertex vertex : graph.vertices()) {
      Object connector = live.connector(vertex);
      try {
        if (connector instanceof Source<?, ?> source && vertex.role() != Vertex.Role.READER) {
          source.validate();
        } else if (connector instanceof Sink<?> sink) {
          sink.validate(new Sink.Scope(vertex.uid(), job.hex(), lineage, loader));
        }
      } catch (Exception e) {
        String reason = e.getMessage() == null ? e.toString() : e.getMessage();
        throw new RefusedException(
            vertex.name() + ": " + reason.replace('\n', ' ').replace('\r', ' '), e);
      }
    }
  }

  /** A job that cannot run as it is; says why, on one line. */
  public static final class RefusedException extends RuntimeException {
    public RefusedException(String message) {
      super(message);
    }

    public RefusedException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
