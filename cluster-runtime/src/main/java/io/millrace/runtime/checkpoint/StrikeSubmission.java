package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;

/**
 * Takes a job off the docket. The file is deleted by its name in the own open epoch: once that is
 * sealed, there is no such name any more, and the successor keeps the job.
 */
public final class StrikeSubmission extends Steps<Boolean> {
  private final String name;

  public StrikeSubmission(Epoch mine, long number) {
    this.name = JobDirectory.inEpoch(mine, JobDirectory.submission(number));
  }

  @Override
  public Step<Boolean> start() {
    return insist(new NameOp.Delete(name), outcome -> new Step.Done<>(true));
  }
}
