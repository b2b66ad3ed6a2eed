package io.millrace.cli;

import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import java.io.IOException;

/**
 * How much of a job's life has been heard. Each JobManager tells it from its own start: what a new
 * one tells is all new, however much the one before it had told.
 */
final class Chronicle {
  private int heard;
  private long start;

  /** Whoever is the JobManager at the moment. */
  @FunctionalInterface
  interface Teller {
    /** The job, with those changes that follow the first so many. */
    JobDetails since(int changes) throws IOException, InterruptedException;
  }

  /** The job as it is, with the changes that have not been heard. */
  JobDetails next(Teller jobManager) throws IOException, InterruptedException {
    JobDetails found = jobManager.since(heard);
    if (heard > 0 && found.summary().startWallMillis() != start) {
      found = jobManager.since(0);
    }
    heard = found.changeCount();
    start = found.summary().startWallMillis();
    return found;
  }
}
