package io.millrace.api.graph;

import java.util.Objects;

/**
 * How an operator's records may be aggregated before they are sent to it. Both ways give the same
 * results from the same state; which one is taken is decided when the job is planned.
 *
 * @param combiner the factory of an operator that turns the records of an input into partial
 *     results, and holds none of them across a barrier
 * @param merger the factory that takes the place of the vertex's code and takes partial results
 * @param edge an {@link EdgeCode} of partial results and their keys
 * @param type of partial results, for people
 */
public record Combination(UserCode combiner, UserCode merger, UserCode edge, String type) {
  public Combination {
    Objects.requireNonNull(combiner);
    Objects.requireNonNull(merger);
    Objects.requireNonNull(edge);
    Objects.requireNonNull(type);
  }
}
