package io.millrace.runtime.taskmanager;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.ControlAddress;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.protocol.ClusterSettings;
import io.millrace.runtime.protocol.Epoch;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which JobManager this TaskManager belongs to. When that is missing, it looks for one that has
 * taken over, and follows it: its tasks go on meanwhile, and are offered to the new one.
 */
final class Allegiance {
  /** Until it is answered, a TaskManager registers more often than it will send heartbeats. */
  private static final Duration REGISTER_EVERY = Duration.ofMillis(250);

  private final Env env;
  private final Configuration configuration;
  private final Consumer<ControlAddress> follow;
  private final Lookout lookout;
  private boolean registered;
  private boolean inherited;

  /** Whether any JobManager has taken it. */
  private boolean served;

  private long heardAtMillis;

  /** The JobManager's process that this one belongs to; 0 until it has spoken. */
  private int attempt;

  /** Where the next one will say that it is there. */
  private Optional<String> home;

  /**
   * @param home where JobManagers say that they are there, if that is known before one has told
   * @param follow lets all that is said from now on go to the JobManager at that address
   */
  Allegiance(
      Env env,
      CheckpointStore store,
      Configuration configuration,
      Optional<String> home,
      Consumer<ControlAddress> follow) {
    this.env = env;
    this.configuration = configuration;
    this.home = home;
    this.follow = follow;
    this.lookout = new Lookout(env, store);
    this.heardAtMillis = env.now().monotonicMillis();
  }

  /** The JobManager has said something. */
  void heard() {
    heardAtMillis = env.now().monotonicMillis();
    lookout.heard();
  }

  boolean registered() {
    return registered;
  }

  /** Whether it has belonged to another JobManager before. */
  boolean inherited() {
    return inherited;
  }

  /** Takes the word of a JobManager that it knows this TaskManager. */
  void registered(int by, Optional<String> itsHome) {
    if (attempt == 0 || by == attempt) {
      attempt = by;
      home = itsHome;
      registered = true;
      served = true;
    }
  }

  /** Whether that epoch's JobManager may command here. */
  boolean admits(Epoch epoch) {
    if (epoch.attempt() < attempt) {
      return false;
    }
    attempt = epoch.attempt();
    return true;
  }

  /** The connection broke: if the JobManager has died, another one may be there soon. */
  void lineLost() {
    lookout.missed();
  }

  /** Time has passed; why this TaskManager has to end, if the silence has lasted too long. */
  Optional<String> tick() {
    long silence = env.now().monotonicMillis() - heardAtMillis;
    if (silence > configuration.get(ClusterSettings.JOBMANAGER_SILENCE_TIMEOUT).toMillis()) {
      return Optional.of("nothing was heard from the JobManager for " + silence + " ms");
    } else if (silence > configuration.get(ClusterSettings.HEARTBEAT_TIMEOUT).toMillis()) {
      lookout.missed();
    }
    return Optional.empty();
  }

  Duration untilNextTick() {
    Duration interval = configuration.get(ClusterSettings.HEARTBEAT_INTERVAL);
    return registered || interval.compareTo(REGISTER_EVERY) < 0 ? interval : REGISTER_EVERY;
  }

  void lookDue() {
    if (home.isPresent()) {
      lookout.look(home.get(), new Epoch(attempt, Integer.MAX_VALUE));
    } else {
      lookout.over();
    }
  }

  /**
   * A look has come to its end.
   *
   * @return whether a new JobManager is followed from now on
   */
  boolean looked(Optional<ControlAddress> found) {
    Optional<ControlAddress> next = found.filter(at -> at.epoch().attempt() > attempt);
    if (next.isPresent()) {
      attempt = next.get().epoch().attempt();
      registered = false;
      inherited = served;
      heard();
      follow.accept(next.get());
    }
    lookout.over();
    return next.isPresent();
  }
}
