package io.millrace.runtime.protocol;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.kernel.Message;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the JobManager answers a client. */
public sealed interface ClientAnswer extends Message {
  long number();

  record Accepted(long number) implements ClientAnswer {}

  /** The request cannot be served; says why. */
  record Refused(long number, String reason) implements ClientAnswer {
    public Refused {
      Objects.requireNonNull(reason);
    }
  }

  /**
   * The JobManager will do as asked and cannot make that durable yet: whoever wants to be sure asks
   * again.
   *
   * @param reason what holds it up
   */
  record Remembered(long number, String reason) implements ClientAnswer {
    public Remembered {
      Objects.requireNonNull(reason);
    }
  }

  /**
   * What became of a savepoint; neither as long as it is under way.
   *
   * @param path of the whole savepoint
   * @param failure why there is none
   */
  record Savepoint(long number, Optional<String> path, Optional<String> failure)
      implements ClientAnswer {
    public Savepoint {
      Objects.requireNonNull(path);
      Objects.requireNonNull(failure);
    }
  }

  record Jobs(long number, List<JobSummary> jobs) implements ClientAnswer {
    public Jobs {
      jobs = List.copyOf(jobs);
    }
  }

  /**
   * @param ended how main() has ended; empty if it shall run
   * @param jobs that it has submitted so far, also in runs under earlier JobManagers
   */
  record Program(long number, Optional<JobStatus> ended, List<JobId> jobs) implements ClientAnswer {
    public Program {
      Objects.requireNonNull(ended);
      jobs = List.copyOf(jobs);
    }
  }

  /**
   * @param accumulators of all subtasks, as the newest completed checkpoint has them
   */
  record AccumulatorsSoFar(long number, List<AccumulatorState> accumulators)
      implements ClientAnswer {
    public AccumulatorsSoFar {
      accumulators = List.copyOf(accumulators);
    }
  }

  /**
   * @param changes those after the index that was asked for
   * @param lastCheckpoint path of the newest completed checkpoint's manifest
   * @param failure set once the job has failed
   * @param accumulators of all subtasks, once the job has ended, as the newest completed checkpoint
   *     has them: if it has finished, that covers every record
   */
  record JobDetails(
      long number,
      JobSummary summary,
      List<Change> changes,
      int changeCount,
      int restarts,
      Optional<String> lastCheckpoint,
      Optional<Failure> failure,
      List<AccumulatorState> accumulators)
      implements ClientAnswer {
    public JobDetails {
      Objects.requireNonNull(summary);
      Objects.requireNonNull(lastCheckpoint);
      Objects.requireNonNull(failure);
      changes = List.copyOf(changes);
      accumulators = List.copyOf(accumulators);
    }

    /** Without accumulators. */
    public JobDetails(
        long number,
        JobSummary summary,
        List<Change> changes,
        int changeCount,
        int restarts,
        Optional<String> lastCheckpoint,
        Optional<Failure> failure) {
      this(number, summary, changes, changeCount, restarts, lastCheckpoint, failure, List.of());
    }
  }

  record JobSummary(
      JobId job, String name, JobStatus status, long startWallMillis, long endWallMillis) {
    public JobSummary {
      Objects.requireNonNull(job);
      Objects.requireNonNull(name);
      Objects.requireNonNull(status);
    }
  }

  /**
   * A change of the job's state, as reported to users.
   *
   * @param detail what led up to the next state, for those alone who want to know where time goes
   */
  record Change(long wallMillis, JobStatus status, String note, boolean detail) {
    public Change {
      Objects.requireNonNull(status);
      Objects.requireNonNull(note);
    }

    public Change(long wallMillis, JobStatus status, String note) {
      this(wallMillis, status, note, false);
    }
  }
}
