package io.millrace.cli;

import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * How much of a job's life has been heard. Each JobManager tells it from its own start: what a new
 * one tells is all new, however much the one before it had told. It is a new one if it does not
 * know what was heard last.
 */
final class Chronicle {
  private int heard;
  private Optional<Change> last = Optional.empty();
  private boolean another;

  /** Whoever is the JobManager at the moment. */
  @FunctionalInterface
  interface Teller {
    /** The job, with those changes that follow the first so many. */
    JobDetails since(int changes) throws IOException, InterruptedException;
  }

  /** The job as it is, with the changes that have not been heard. */
  JobDetails next(Teller jobManager) throws IOException, InterruptedException {
    JobDetails found = jobManager.since(Math.max(0, heard - 1));
    List<Change> changes = found.changes();
    another = false;
    if (last.isPresent()) {
      if (!changes.isEmpty() && changes.get(0).equals(last.get())) {
        found = with(found, changes.subList(1, changes.size()));
      } else {
        found = jobManager.since(0);
        another = true;
      }
    }
    heard = found.changeCount();
    if (!found.changes().isEmpty()) {
      last = Optional.of(found.changes().get(found.changes().size() - 1));
    }
    return found;
  }

  /** Whether what was heard last was told by another JobManager than all before. */
  boolean isOfAnother() {
    return another;
  }

  private static JobDetails with(JobDetails found, List<Change> changes) {
    return new JobDetails(
        found.number(),
        found.summary(),
        changes,
        found.changeCount(),
        found.restarts(),
        found.lastCheckpoint(),
        found.failure(),
        found.accumulators());
  }
}
