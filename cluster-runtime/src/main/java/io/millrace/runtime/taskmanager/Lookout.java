package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.FindAddress;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.util.Optional;

/**
 * Looks into a job's directory for another JobManager while the own one is silent. Many begin to
 * miss it at the same moment, so each look comes after a time that varies, and grows.
 */
final class Lookout {
  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final Env env;
  private final CheckpointStore store;
  private boolean missed;
  private boolean looking;
  private int looks;
  private long nextMillis;

  Lookout(Env env, CheckpointStore store) {
    this.env = env;
    this.store = store;
  }

  /** The JobManager has been heard. */
  void heard() {
    missed = false;
    looks = 0;
  }

  /**
   * It has been silent for too long; called often. Answered by {@link Answer.LookedOut}.
   *
   * @param above the epoch that is obeyed
   */
  void silent(JobId job, Epoch above) {
    long now = env.now().monotonicMillis();
    if (!missed) {
      missed = true;
      nextMillis = now + pauseMillis();
    } else if (!looking && now >= nextMillis) {
      looking = true;
      looks++;
      env.offload(
          Lane.FACTS,
          () -> new Answer.LookedOut(look(job, above)),
          e -> new Answer.LookedOut(Optional.empty()));
    }
  }

  private Optional<ControlAddress> look(JobId job, Epoch above) {
    Step<Optional<ControlAddress>> step =
        Procedure.run(new FindAddress(above), store.names(store.directoryOf(job)));
    return step instanceof Step.Done<Optional<ControlAddress>> done
        ? done.result()
        : Optional.empty();
  }

  /** The look has come to its end. */
  void looked() {
    looking = false;
    nextMillis = env.now().monotonicMillis() + pauseMillis();
  }

  private long pauseMillis() {
    long pause = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(looks, 10));
    return env.random().nextLong(pause / 2, pause + 1);
  }
}
