package io.millrace.api.operator.awaited;

import io.millrace.api.function.RuntimeContext;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.Vertex;
import io.millrace.api.operator.async.AsyncFactory;
import java.io.Serializable;

/**
 * Stands between asynchronous functions and what they ask, where a test is to be repeatable: a
 * request keeps the task's thread until whatever thread has its answer, and it is the courier alone
 * who decides when, and in which order, answers come.
 */
public interface Courier extends Serializable {
  /**
   * Hands in an answer, now or later, on the task's thread or between its steps.
   *
   * @param asker of the function that has asked
   */
  void deliver(RuntimeContext asker, Runnable answer);

  /**
   * There is no answer, though the function had its time.
   *
   * @return what the request comes to, if this comes back at all
   */
  default RuntimeException missing(RuntimeContext asker, String why) {
    return new IllegalStateException(why);
  }

  /** The graph with this courier at all its asynchronous functions. */
  default JobGraph in(JobGraph graph, ClassLoader loader) {
    return graph.with(
        graph.vertices().stream().map(vertex -> at(vertex, vertex.code().open(loader))).toList());
  }

  private Vertex at(Vertex vertex, Object code) {
    return code instanceof AsyncFactory<?, ?> asking
        ? vertex.running(vertex.code().holding(at(asking)))
        : vertex;
  }

  private <I, O> AsyncFactory<I, O> at(AsyncFactory<I, O> asking) {
    return new AsyncFactory<>(
        new Awaited<>(asking.function(), this, Awaited.PATIENCE_MILLIS),
        asking.retry(),
        asking.inputType(),
        asking.timeoutMillis(),
        asking.capacity(),
        asking.ordered());
  }
}
