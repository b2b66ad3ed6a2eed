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

  record Cancel(long number, JobId job) implements ClientRequest {
    public Cancel {
      Objects.requireNonNull(job);
    }
  }
}
