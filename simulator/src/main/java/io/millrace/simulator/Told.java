package io.millrace.simulator;

import io.millrace.api.graph.JobGraph;
import java.util.List;
import java.util.Optional;

/**
 * Judges lines of which it is not known beforehand what they say, only how they belong together.
 */
interface Told {
  /** Of a job, if it writes such lines. */
  static Optional<Told> in(JobGraph graph, Trace trace) {
    return Fates.in(graph, trace).<Told>map(it -> it).or(() -> Meetings.in(graph, trace));
  }

  /**
   * @param expected with a {@link ItemLines#record} of each item
   * @param visible what was written
   * @param mayRepeat whether there may be the output of two executions, in which other items were
   *     late
   * @return the same, but for what is told of items a record of each that has come to its end, and
   *     a complaint for each that could not have come to that
   */
  List<String> told(List<String> expected, List<String> visible, boolean mayRepeat);
}
