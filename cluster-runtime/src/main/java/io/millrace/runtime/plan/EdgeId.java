package io.millrace.runtime.plan;

import java.util.Objects;

/**
 * An edge, as checkpoints name it: by what it connects, which outlives changes elsewhere in the
 * program.
 *
 * @param from uid of the producer
 * @param to uid of the consumer
 * @param nth which of the edges between these two, from 0, in the program's order
 */
public record EdgeId(String from, String to, int nth) implements Comparable<EdgeId> {
  public EdgeId {
    Objects.requireNonNull(from);
    Objects.requireNonNull(to);
  }

  @Override
  public int compareTo(EdgeId other) {
    int order = from.compareTo(other.from);
    order = order != 0 ? order : to.compareTo(other.to);
    return order != 0 ? order : Integer.compare(nth, other.nth);
  }
}
