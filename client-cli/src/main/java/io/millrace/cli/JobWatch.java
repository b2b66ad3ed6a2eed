package io.millrace.cli;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.client.ClusterClient.RequestRefusedException;
import io.millrace.runtime.client.RunningCluster;
import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one job from its submission to its end and tells what happens to it. Looks at YARN, and
 * at the JobManager as soon as there is one; both may be out of reach for a while, which is waited
 * for and, if it takes long, told: the job may run on meanwhile.
 */
final class JobWatch {
  private static final Logger LOG = LoggerFactory.getLogger(JobWatch.class);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  /** In which most jobs have started. */
  private static final Duration FIRST_TIME = Duration.ofSeconds(10);

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long PAUSE_MILLIS = 200;

  /** Where a JobManager takes over from another one, less is usual. */
  private static final Duration TELL_AFTER = Duration.ofSeconds(10);

  private final Console console;
  private final RunningCluster application;
  private final JobId job;
  private final boolean inSession;
  private final Chronicle chronicle = new Chronicle();
  private final Rise rise;
  private Situation situation;
  private State told;

  private final Deaths deaths;

  /** Whether one may have ended of which nothing has been heard yet. */
  private boolean deathsMayBeNew;

  private JobDetails details;

  private final Patience patience;

  /** When the JobManager said something last; the first look counts as that. */
  private long lastAnswer;

  private boolean looked;
  private boolean silenceTold;

  /**
   * @param inSession whether the application outlives the job, and ran before
   */
  JobWatch(Console console, RunningCluster application, JobId job, boolean inSession) {
    this.console = console;
    this.application = application;
    this.job = job;
    this.inSession = inSession;
    this.rise = new Rise(console);
    this.patience = new Patience(application.id(), "whether the job runs");
    this.deaths = new Deaths(application, !inSession);
    this.deathsMayBeNew = inSession; // how it was before
    this.told = inSession ? State.RUNNING : null;
  }

  /**
   * How the job ended.
   *
   * @param status terminal
   * @param runtimeMillis 0 if unknown
   * @param reason for a job that failed; may be empty
   * @param accumulators of all subtasks, if the JobManager could still tell
   */
  record End(
      JobStatus status,
      long runtimeMillis,
      String reason,
      Optional<String> checkpoint,
      List<AccumulatorState> accumulators) {}

  /** What the watch waits for. */
  enum Until {
    RUNNING,
    ENDED
  }

  /**
   * @return empty once the job runs, if that is what was waited for
   */
  Optional<End> await(Until until) throws InterruptedException {
    long start = System.nanoTime();
    while (true) {
      long now = System.nanoTime();
      Optional<End> end = look(now);
      if (end.isPresent() || until == Until.RUNNING && runs()) {
        return end;
      }
      Thread.sleep(now - start < FIRST_TIME.toNanos() ? FIRST_PAUSE_MILLIS : PAUSE_MILLIS);
    }
  }

  private boolean runs() {
    return details != null && details.summary().status() == JobStatus.RUNNING;
  }

  /**
   * Looks once.
   *
   * @param nanos the time, of a clock that never goes back
   */
  Optional<End> look(long nanos) throws InterruptedException {
    if (!looked) {
      looked = true;
      lastAnswer = nanos;
    }
    patience.asks(nanos);
    try {
      Optional<End> end = lookAtBoth(nanos);
      patience.known(nanos);
      return end;
    } catch (IOException e) {
      LOG.info("No answer about {}: {}", application.id(), e.toString());
      patience.unheard(e, nanos);
      silent(
          nanos,
          application.id() + " does not answer: " + e.getMessage() + "; waiting until it does");
      return Optional.empty();
    }
  }

  private Optional<End> lookAtBoth(long nanos) throws IOException, InterruptedException {
    if (situation == null || !situation.reachable()) {
      situation = application.situation();
      tellState();
    }
    String trouble = "There is no JobManager of " + application.id() + "; waiting for one";
    if (situation.reachable()) {
      String place = situation.jobManager();
      try {
        Optional<End> end = ask();
        answered(nanos);
        return end;
      } catch (IOException e) {
        // It may have ended, or moved to another attempt: YARN knows.
        LOG.info("The JobManager does not answer: {}", e.toString());
        trouble =
            jobManagerAt(place)
                + " does not answer: "
                + e.getMessage()
                + "; waiting for it, or for one that takes over";
        situation = application.situation();
      }
    }
    if (situation.ended()) {
      return Optional.of(inSession ? endWithSession() : endByYarn());
    }
    if (situation.state() == State.RUNNING) {
      silent(nanos, trouble);
    } else {
      lastAnswer = nanos; // YARN is about to start one, which is told
    }
    return Optional.empty();
  }

  private String jobManagerAt(String place) {
    return "The JobManager of " + application.id() + " at " + place;
  }

  /** Nobody says how the job stands; told once. */
  private void silent(long nanos, String trouble) {
    if (!silenceTold && nanos - lastAnswer >= TELL_AFTER.toNanos()) {
      silenceTold = true;
      console.warn(Console.oneLine(trouble) + ", as the job may run on");
    }
  }

  private void answered(long nanos) {
    lastAnswer = nanos;
    if (silenceTold) {
      silenceTold = false;
      console.warn(jobManagerAt(situation.jobManager()) + " answers again");
    }
  }

  private void tellState() {
    if (!inSession) {
      rise.tell(situation);
    }
    State state = situation.state();
    if (state == told) {
      return;
    }
    if (told == null && !situation.ended()) {
      console.say("Waiting for the cluster to be allocated");
    }
    told = state;
    if (state == State.RUNNING) {
      console.say("YARN application has been deployed successfully.");
    } else if (!situation.ended()) {
      console.say("Deploying cluster, current state " + state);
    }
  }

  private Optional<End> ask() throws IOException, InterruptedException {
    JobDetails found;
    try {
      found = chronicle.next(known -> application.client().job(Optional.of(job), known));
    } catch (RequestRefusedException e) {
      LOG.info("About job {}: {}", job, e.getMessage());
      // It has not been handed over yet, or ended so long ago that the session has forgotten it.
      return inSession ? application.result(job).map(this::endBy) : Optional.empty();
    }
    details = found;
    deathsMayBeNew |= chronicle.isOfAnother();
    tellDeaths();
    for (Change change : found.changes()) {
      rise.tell(change);
      if (change.detail()) {
        continue;
      }
      String note = change.note().isEmpty() ? "" : ": " + Console.lines(change.note());
      console.say(time(change.wallMillis()) + " Job " + job + " is " + change.status() + note);
    }
    JobStatus status = found.summary().status();
    if (!status.terminal()) {
      return Optional.empty();
    }
    long runtime = found.summary().endWallMillis() - found.summary().startWallMillis();
    return Optional.of(
        new End(
            status,
            Math.max(0, runtime),
            found.failure().map(Failure::headline).orElse(""),
            found.lastCheckpoint(),
            found.accumulators()));
  }

  private void tellDeaths() {
    try {
      if (deathsMayBeNew) {
        deaths.news().ifPresent(console::warn);
        deathsMayBeNew = false;
      }
    } catch (IOException e) {
      LOG.info("How the JobManager has ended is not told yet: {}", e.toString());
    }
  }

  /** Nothing that YARN says of a session says how a job of it ended. */
  private End endWithSession() throws IOException {
    return application
        .result(job)
        .map(this::endBy)
        .orElseGet(
            () ->
                new End(
                    JobStatus.FAILED,
                    0,
                    "its session is "
                        + situation.state()
                        + ": "
                        + situation.diagnostics().strip()
                        + "; "
                        + application.settleAdvice(),
                    details == null ? Optional.empty() : details.lastCheckpoint(),
                    List.of()));
  }

  private End endBy(JobResult result) {
    long start = details == null ? result.wallMillis() : details.summary().startWallMillis();
    return new End(
        result.status(),
        Math.max(0, result.wallMillis() - start),
        result.failure().map(Failure::headline).orElse(""),
        details == null ? Optional.empty() : details.lastCheckpoint(),
        List.of());
  }

  /** The JobManager is gone: its last words are in YARN's diagnostics. */
  private End endByYarn() {
    JobStatus status = outcome(situation);
    long runtime =
        details == null ? 0 : System.currentTimeMillis() - details.summary().startWallMillis();
    String reason = situation.diagnostics().strip();
    return new End(
        status,
        Math.max(0, runtime),
        reason.isEmpty() ? "the application is " + situation.state() : reason,
        details == null ? Optional.empty() : details.lastCheckpoint(),
        List.of());
  }

  /** How the only job of an application that has ended has ended, as YARN tells it. */
  static JobStatus outcome(Situation situation) {
    return situation.outcome() == Outcome.SUCCEEDED
        ? JobStatus.FINISHED
        : situation.outcome() == Outcome.KILLED ? JobStatus.CANCELED : JobStatus.FAILED;
  }

  private static String time(long wallMillis) {
    return TIME.format(Instant.ofEpochMilli(wallMillis).atZone(ZoneId.systemDefault()));
  }
}
