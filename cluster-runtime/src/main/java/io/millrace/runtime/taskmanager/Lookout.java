package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.checkpoint.FindAddress;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.Epoch;
import java.time.Duration;
import java.util.Optional;

/**
 * Looks for another JobManager while the own one is missing, where that would say that it is there.
 * Many begin to miss it at the same moment, so each look comes after a time that varies. That time
 * is a fifth of how long the JobManager has been missing, within bounds: a new one waits some
 * seconds for those who look.
 */
final class Lookout {
  private static final long SHORTEST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 3_000;

  private final Env env;
  private final CheckpointStore store;
  private boolean missing;
  private long sinceMillis;

  /** Whether a look is under way or due. */
  private boolean busy;

  Lookout(Env env, CheckpointStore store) {
    this.env = env;
    this.store = store;
  }

  /** The JobManager has been heard. */
  void heard() {
    missing = false;
  }

  /** The JobManager is missing; may be called often. Answered by {@link Answer.LookDue}. */
  void missed() {
    if (!missing) {
      missing = true;
      sinceMillis = env.now().monotonicMillis();
    }
    if (!busy) {
      busy = true;
      env.after(Duration.ofMillis(pauseMillis()), new Answer.LookDue());
    }
  }

  /**
   * Looks, if the JobManager is missing still. Answered by {@link Answer.LookedOut}.
   *
   * @param home the directory to look into
   * @param above the epoch that is obeyed
   */
  void look(String home, Epoch above) {
    if (!missing) {
      busy = false;
      return;
    }
    env.offload(
        Lane.FACTS,
        () -> new Answer.LookedOut(find(home, above)),
        e -> new Answer.LookedOut(Optional.empty()));
  }

  /** There is nothing to look into, or the look has come to its end. */
  void over() {
    busy = false;
    if (missing) {
      missed();
    }
  }

  private Optional<ControlAddress> find(String home, Epoch above) {
    Step<Optional<ControlAddress>> step = Procedure.run(new FindAddress(above), store.names(home));
    return step instanceof Step.Done<Optional<ControlAddress>> done
        ? done.result()
        : Optional.empty();
  }

  private long pauseMillis() {
    long missed = env.now().monotonicMillis() - sinceMillis;
    long pause = Math.max(SHORTEST_PAUSE_MILLIS, Math.min(LONGEST_PAUSE_MILLIS, missed / 5));
    return env.random().nextLong(pause / 2, pause + 1);
  }
}
