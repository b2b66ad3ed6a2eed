package io.millrace.runtime.exchange;

/**
 * One channel of one execution of a job: a new generation means new channels, so that nothing old
 * can get into them.
 *
 * @param edge index in the job graph
 * @param producer subtask of the edge's producer
 * @param consumer subtask of the edge's consumer
 */
public record ChannelId(
    String job, int region, int generation, int edge, int producer, int consumer) {
  @Override
  public String toString() {
    return job
        + "/r"
        + region
        + "g"
        + generation
        + "/edge"
        + edge
        + ":"
        + producer
        + ">"
        + consumer;
  }
}
