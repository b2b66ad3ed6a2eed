package io.millrace.runtime.taskmanager;

import io.millrace.api.operator.Completion;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Failure;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets sinks make visible what a completed checkpoint promised, on another thread, again and again
 * until it succeeds or cannot.
 */
final class SinkCommits {
  private static final Logger LOG = LoggerFactory.getLogger(SinkCommits.class);

  private static final long FIRST_RETRY_MILLIS = 100;
  private static final long LONGEST_RETRY_MILLIS = 10_000;

  private final Env env;

  SinkCommits(Env env) {
    this.env = env;
  }

  /** The answer is {@link Answer.CommitSucceeded} or {@link Answer.CommitFailed}. */
  void start(AttemptId id, long checkpoint, Completion work) {
    commit(id, checkpoint, work, 0);
  }

  void again(Answer.RetryCommit retry) {
    commit(retry.attempt(), retry.checkpoint(), retry.work(), retry.tries());
  }

  private void commit(AttemptId id, long checkpoint, Completion work, int tries) {
    env.offload(
        Lane.SINK,
        TaskManager.guarded(
            () -> {
              work.commit();
              return new Answer.CommitSucceeded(id, checkpoint, work);
            }),
        e -> new Answer.CommitFailed(id, checkpoint, work, tries + 1, e));
  }

  /**
   * Tries again after a pause, which {@link Answer.RetryCommit} ends.
   *
   * @return why not, if trying again cannot help
   */
  Optional<Failure> failed(Answer.CommitFailed failed, String sink) {
    AttemptId id = failed.attempt();
    Failure failure = Diagnosis.of(failed.cause(), sink, id.subtask());
    if (!failure.canHeal()) {
      return Optional.of(failure);
    }
    LOG.warn(
        "{} cannot commit checkpoint {} (try {}): {}",
        id,
        failed.checkpoint(),
        failed.tries(),
        failure.message());
    long pause =
        Math.min(LONGEST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(20, failed.tries() - 1));
    long jittered = pause + (long) (pause * 0.2 * (env.random().nextDouble() - 0.5));
    env.after(
        Duration.ofMillis(jittered),
        new Answer.RetryCommit(id, failed.checkpoint(), failed.work(), failed.tries()));
    return Optional.empty();
  }
}
