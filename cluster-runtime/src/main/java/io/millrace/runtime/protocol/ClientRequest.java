package io.millrace.runtime.protocol;

import io.millrace.runtime.kernel.Message;
import java.util.Objects;
import java.util.Optional;

/**
 * What a client asks of the JobManager. Each is answered by a {@link ClientAnswer} with the same
 * number; asking twice is harmless.
 */
public sealed interface ClientRequest extends Message {
  long number();

  record Submit(long number, JobSpec spec) implements ClientRequest {
    public Submit {
      Objects.requireNonNull(spec);
    }
  }

  record ListJobs(long number) implements ClientRequest {}

  /**
   * @param job the job; empty for the only one of the cluster
   * @param sinceChange changes of state up to this index are known to the caller
   */
  record GetJob(long number, Optional<JobId> job, int sinceChange) implements ClientRequest {
    public GetJob {
      Objects.requireNonNull(job);
    }
  }

  /**
   * Asked again and again under the same id until the answer names a path or a failure.
   *
   * @param id the caller's, 32 hex digits; part of the savepoint's name
   * @param folder below which the savepoint's directory is made; empty for the configured one
   */
  record Savepoint(long number, JobId job, String id, Optional<String> folder, Then then)
      implements ClientRequest {
    public Savepoint {
      Objects.requireNonNull(job);
      Objects.requireNonNull(id);
      Objects.requireNonNull(folder);
      Objects.requireNonNull(then);
    }
  }

  /** What becomes of a job after its savepoint. */
  enum Then {
    GO_ON,
    /** It ends FINISHED with what the savepoint holds. */
    STOP,
    /** It ends FINISHED as if its input had ended: all timers fire before the savepoint. */
    DRAIN,
    /** It ends CANCELED with what the savepoint holds. */
    CANCEL
  }

  /** What the job's accumulators have come to. */
  record GetAccumulators(long number, JobId job) implements ClientRequest {
    public GetAccumulators {
      Objects.requireNonNull(job);
    }
  }

  /** Whether the main() whose jobs the cluster runs has ended, for whoever would run it. */
  record GetProgram(long number) implements ClientRequest {}

  /**
   * That main() has ended, and how; answered once that is durable. The cluster ends when its jobs
   * have, too.
   *
   * @param status terminal
   * @param reason for one that did not return; may be empty
   */
  record EndProgram(long number, JobStatus status, String reason) implements ClientRequest {
    public EndProgram {
      Objects.requireNonNull(status);
      Objects.requireNonNull(reason);
    }
  }

  /** Cancels all jobs of a cluster that outlives them, then ends it. */
  record StopCluster(long number) implements ClientRequest {}

  record Cancel(long number, JobId job) implements ClientRequest {
    public Cancel {
      Objects.requireNonNull(job);
    }
  }
}
