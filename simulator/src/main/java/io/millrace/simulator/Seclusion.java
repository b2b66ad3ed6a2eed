package io.millrace.simulator;

import io.millrace.runtime.jobmanager.Lease;
import java.time.Duration;

/**
 * A JobManager that its witnesses do not answer, for a while, though TaskManagers do: the platform,
 * which starts another one when it has heard nothing for its expiry, or the store, or both.
 */
final class Seclusion {
  /** Short, so that a life is long beside it. */
  static final Duration EXPIRY = Duration.ofSeconds(6);

  static final Lease LEASE = Lease.ofExpiry(EXPIRY);

  /**
   * Of what is under way when the witnesses fall silent, and from one look at the time to another.
   */
  private static final long SLACK_MILLIS = 5_000;

  /** Who does not answer. */
  enum Silent {
    PLATFORM,
    STORE,
    BOTH
  }

  private final World world;
  private final Moments moments;
  private final Rules rules;
  private final SimulatedProcess jobManager;
  private final PlatformLine line;
  private final Runnable replace;

  /**
   * @param replace starts another JobManager, unless there is one
   */
  Seclusion(
      World world,
      Moments moments,
      Rules rules,
      SimulatedProcess jobManager,
      PlatformLine line,
      Runnable replace) {
    this.world = world;
    this.moments = moments;
    this.rules = rules;
    this.jobManager = jobManager;
    this.line = line;
    this.replace = replace;
  }

  void begin(Silent who, long millis) {
    if (!jobManager.alive() || line.isCut() || moments.isKeptAway(jobManager)) {
      return;
    }
    world.trace().hit("JobManager cut off from " + named(who));
    if (who != Silent.PLATFORM) {
      moments.keepAway(jobManager);
    }
    if (who != Silent.STORE) {
      line.cut();
      long cut = line.cuts();
      world.afterMillis(EXPIRY.toMillis(), "expiry", () -> expired(cut));
    }
    if (who == Silent.BOTH) {
      long cut = line.cuts();
      world.afterMillis(
          LEASE.silence().toMillis() + SLACK_MILLIS, "lease over", () -> hasEnded(cut));
    }
    world.afterMillis(millis, "witnesses of " + jobManager + " are back", this::over);
  }

  private static String named(Silent who) {
    return switch (who) {
      case PLATFORM -> "the platform";
      case STORE -> "the store";
      case BOTH -> "the platform and the store";
    };
  }

  /** Both answer again. */
  void over() {
    moments.letBack(jobManager);
    line.heal();
  }

  private void expired(long cut) {
    if (line.isCut() && line.cuts() == cut && jobManager.alive()) {
      replace.run();
    }
  }

  private void hasEnded(long cut) {
    boolean still = line.isCut() && line.cuts() == cut && moments.isKeptAway(jobManager);
    if (still && jobManager.alive() && jobManager.awakeMillis() > SLACK_MILLIS) {
      throw rules.broken(
          jobManager + " commands on though no witness has answered for " + line.silentMillis());
    }
  }

  /** A JobManager says that it ends for want of witnesses. */
  void check(String reason) {
    if (reason.startsWith("neither the platform")) {
      world.trace().hit("JobManager ended itself for want of a witness");
      if (line.silentMillis() < LEASE.silence().toMillis()) {
        throw rules.broken(
            jobManager + " has heard the platform " + line.silentMillis() + " ms ago: " + reason);
      }
    }
  }
}
