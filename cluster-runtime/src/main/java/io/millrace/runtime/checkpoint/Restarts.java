package io.millrace.runtime.checkpoint;

import java.util.List;

/**
 * How often the job has been told to start again. Written while a start is waited for, beside all
 * else: what is deployed then says it too, but a JobManager may be gone by that time.
 *
 * @param count of the job so far
 * @param failuresWallMillis when those failures were that its restart strategy still counts
 */
public record Restarts(int count, List<Long> failuresWallMillis) implements Fact {
  static final Restarts NONE = new Restarts(0, List.of());

  public Restarts {
    failuresWallMillis = List.copyOf(failuresWallMillis);
  }
}
