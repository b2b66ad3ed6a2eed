package io.millrace.runtime.checkpoint;

import java.util.List;
import java.util.Optional;

/**
 * The jobs that a cluster has been given and has not forgotten.
 *
 * @param submissions in the order in which they came
 * @param programEnd how the main() ended that submitted them, if it has and there is one
 */
public record ClaimedDocket(List<Submission> submissions, Optional<ProgramEnd> programEnd) {
  public ClaimedDocket {
    submissions = List.copyOf(submissions);
  }

  /** No new submission may have a number up to this. */
  public long highestNumber() {
    return submissions.isEmpty() ? 0 : submissions.get(submissions.size() - 1).number();
  }
}
