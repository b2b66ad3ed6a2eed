package io.millrace.runtime.checkpoint;

import java.util.Objects;

/**
 * What was in flight in one channel when a barrier overtook it, on one of its sides.
 *
 * @param from uid of the edge's producer
 * @param to uid of its consumer
 * @param nth which of the edges between these two, from 0
 * @param partitioning of the edge, as it is called
 * @param queued whether it was on its way to the consumer already, so that it comes before what the
 *     producer still held
 * @param producers parallelism of the producer then
 * @param consumers parallelism of the consumer then
 * @param maxParallelism of the consumer then
 */
public record ChannelState(
    String from,
    String to,
    int nth,
    String partitioning,
    boolean queued,
    int producer,
    int producers,
    int consumer,
    int consumers,
    int maxParallelism,
    StateBytes elements) {
  public ChannelState {
    Objects.requireNonNull(from);
    Objects.requireNonNull(to);
    Objects.requireNonNull(partitioning);
    Objects.requireNonNull(elements);
  }
}
