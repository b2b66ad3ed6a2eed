package io.millrace.runtime.client;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.executor.JobClient;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/**
 * Asks a JobManager. A question is asked again until it is answered or its time is over, which is
 * harmless, as the JobManager treats it as the same. Any number of threads may ask at once.
 */
public final class ClusterClient implements AutoCloseable {
  private static final Duration ASK_AGAIN = Duration.ofMillis(500);

  /** While there is no connection, which may be there at any moment. */
  private static final Duration ASK_SOON = Duration.ofMillis(50);

  /** After which a JobManager that does not answer may be gone, and how often that is looked at. */
  private static final Duration SEEK_AFTER = Duration.ofMillis(500);

  private static final Duration SEEK_AGAIN = Duration.ofMillis(200);

  private final ClientLine line;
  private final Duration deadline;

  // Guarded by this.
  private final Map<Long, ClientAnswer> answers = new TreeMap<>();
  private final Map<Long, Boolean> open = new TreeMap<>();
  private long lastNumber;
  private boolean closed;

  /**
   * @param line closed with this client
   * @param deadline after which a question counts as unanswered
   */
  public ClusterClient(ClientLine line, Duration deadline) {
    this.line = line;
    this.deadline = deadline;
    line.open(this::take);
  }

  /** Returns once the job is accepted; submitting the same job again changes nothing. */
  public void submit(JobSpec spec) throws IOException, InterruptedException {
    ask(number -> new ClientRequest.Submit(number, spec), ClientAnswer.Accepted.class);
  }

  public List<JobSummary> listJobs() throws IOException, InterruptedException {
    return ask(ClientRequest.ListJobs::new, ClientAnswer.Jobs.class).jobs();
  }

  /**
   * @param job empty for the only one of the cluster
   * @param sinceChange number of changes that are known already
   */
  public JobDetails job(Optional<JobId> job, int sinceChange)
      throws IOException, InterruptedException {
    return ask(number -> new ClientRequest.GetJob(number, job, sinceChange), JobDetails.class);
  }

  /** Returns once the JobManager has begun to end the cluster and all its jobs. */
  public void stopCluster() throws IOException, InterruptedException {
    ask(ClientRequest.StopCluster::new, ClientAnswer.Accepted.class);
  }

  /** How it stands with the main() whose jobs the cluster runs. */
  public ClientAnswer.Program program() throws IOException, InterruptedException {
    return ask(ClientRequest.GetProgram::new, ClientAnswer.Program.class);
  }

  /**
   * Returns once it is durable that main() has ended; what is said later changes nothing.
   *
   * @param status terminal
   * @param reason for one that did not return; may be empty
   */
  public void endProgram(JobStatus status, String reason) throws IOException, InterruptedException {
    ask(
        number -> new ClientRequest.EndProgram(number, status, reason),
        ClientAnswer.Accepted.class);
  }

  /** What the job's accumulators had come to at its newest completed checkpoint. */
  public List<AccumulatorState> accumulators(JobId job) throws IOException, InterruptedException {
    return ask(
            number -> new ClientRequest.GetAccumulators(number, job),
            ClientAnswer.AccumulatorsSoFar.class)
        .accumulators();
  }

  /**
   * Returns once the JobManager knows the wish to cancel; the job ends later.
   *
   * @return what keeps the wish from being durable; to be sure, ask again until it is empty: a
   *     JobManager that dies before forgets it
   */
  public Optional<String> cancel(JobId job) throws IOException, InterruptedException {
    ClientAnswer answer = ask(number -> new ClientRequest.Cancel(number, job), ClientAnswer.class);
    if (answer instanceof ClientAnswer.Remembered remembered) {
      return Optional.of(remembered.reason());
    }
    if (answer instanceof ClientAnswer.Accepted) {
      return Optional.empty();
    }
    throw new IOException("the JobManager gave a strange answer to a cancel: " + answer);
  }

  /**
   * Asks for a savepoint, or how one is coming along that was asked for under the same id.
   *
   * @param id 32 hex digits, random, the same for all questions about one savepoint
   * @param folder below which it is made; empty for the configured one
   */
  public ClientAnswer.Savepoint savepoint(
      JobId job, String id, Optional<String> folder, ClientRequest.Then then)
      throws IOException, InterruptedException {
    return ask(
        number -> new ClientRequest.Savepoint(number, job, id, folder, then),
        ClientAnswer.Savepoint.class);
  }

  /**
   * A job as the program that submitted it sees it.
   *
   * @param patience how long the JobManager may be silent before the job counts as lost
   */
  public JobClient follow(JobId job, Duration patience) {
    return new PromisedJob(line(job, patience));
  }

  /** The same for who waits himself. */
  public JobLine line(JobId job, Duration patience) {
    return new FollowedJob(this, job, patience);
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    line.close();
  }

  private synchronized void take(ClientAnswer answer) {
    // Answers to repeated questions come more than once.
    if (open.containsKey(answer.number())) {
      answers.put(answer.number(), answer);
      notifyAll();
    }
  }

  private <A extends ClientAnswer> A ask(LongFunction<ClientRequest> question, Class<A> wanted)
      throws IOException, InterruptedException {
    ClientRequest request;
    synchronized (this) {
      request = question.apply(++lastNumber);
      open.put(request.number(), true);
    }
    try {
      ClientAnswer answer = await(request);
      if (answer instanceof ClientAnswer.Refused refused) {
        throw new RequestRefusedException(refused.reason());
      }
      if (!wanted.isInstance(answer)) {
        throw new IOException(
            "the JobManager gave a "
                + answer.getClass().getSimpleName()
                + " as answer to a "
                + request.getClass().getSimpleName());
      }
      return wanted.cast(answer);
    } finally {
      synchronized (this) {
        open.remove(request.number());
        answers.remove(request.number());
      }
    }
  }

  private ClientAnswer await(ClientRequest request) throws IOException, InterruptedException {
    long start = System.nanoTime();
    long end = start + deadline.toNanos();
    long seek = start + SEEK_AFTER.toNanos();
    while (true) {
      Duration pause = line.send(request) ? ASK_AGAIN : ASK_SOON;
      long askAgain = System.nanoTime() + Math.min(pause.toNanos(), deadline.toNanos());
      synchronized (this) {
        while (true) {
          ClientAnswer answer = answers.get(request.number());
          if (answer != null) {
            return answer;
          }
          if (closed) {
            throw new NoAnswerException("the connection to the cluster was closed");
          }
          long now = System.nanoTime();
          if (now - end >= 0) {
            throw new NoAnswerException(
                "no answer from the JobManager within "
                    + deadline.toSeconds()
                    + " s: "
                    + line.trouble());
          }
          if (now - askAgain >= 0) {
            break;
          }
          TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, Math.min(askAgain, end) - now));
        }
      }
      if (System.nanoTime() - seek >= 0) {
        if (!line.seek()) {
          throw new NoAnswerException("the cluster has ended");
        }
        seek = System.nanoTime() + SEEK_AGAIN.toNanos();
      }
    }
  }

  /** The JobManager understood and said no; says why. */
  public static final class RequestRefusedException extends IOException {
    public RequestRefusedException(String reason) {
      super(reason);
    }
  }

  /** Nobody answers; the JobManager may be gone, or restarting. */
  public static final class NoAnswerException extends IOException {
    public NoAnswerException(String message) {
      super(message);
    }
  }
}
