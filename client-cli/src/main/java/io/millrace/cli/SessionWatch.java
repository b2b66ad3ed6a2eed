package io.millrace.cli;

import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.Outcome;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.yarn.YarnApplication;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a session and tells what has changed: what YARN says of it, where its JobManager is, how
 * its jobs stand. An outage of YARN or of the JobManager is told and waited for.
 */
final class SessionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(SessionWatch.class);
  private static final long PAUSE_MILLIS = 100;

  private final Console console;
  private final YarnApplication application;
  private final Consumer<JobId> news;
  private final Map<JobId, JobStatus> jobs = new TreeMap<>();
  private final Map<JobId, String> names = new TreeMap<>();
  private final Deaths deaths;
  private final Patience patience;
  private Situation situation;
  private State state;
  private String jobManager = "";
  private boolean silent;
  private boolean asked;
  private boolean stopping;

  // For a user who wants to know every phase.
  private final Rise rise;
  private final boolean showsJobs;
  private final Map<JobId, Rise> rising = new TreeMap<>();
  private final Map<JobId, Chronicle> chronicles = new TreeMap<>();

  SessionWatch(Console console, YarnApplication application) {
    this(console, application, job -> {}, false);
  }

  /**
   * @param news told of each job before anything is said of it
   * @param fromStart whether nothing can have happened before the first look that is no news
   */
  SessionWatch(
      Console console, YarnApplication application, Consumer<JobId> news, boolean fromStart) {
    this.console = console;
    this.application = application;
    this.news = news;
    this.asked = fromStart;
    this.deaths = new Deaths(application, fromStart);
    this.patience = new Patience(application.id(), "whether it runs");
    this.rise = new Rise(console);
    this.showsJobs = fromStart && console.isVerbose();
  }

  /** What YARN said at the last look. */
  Situation situation() {
    return situation;
  }

  /** Whether nothing follows, as of the last look. */
  boolean ended() {
    return situation != null && situation.ended();
  }

  /** Whether a JobManager could be asked, as of the last look. */
  boolean reachable() {
    return situation != null && situation.reachable();
  }

  /** That the JobManager goes is what was wished from now on. */
  void expectEnd() {
    stopping = true;
  }

  /** Looks until there is a JobManager; false if the session ends before. */
  boolean awaitJobManager() throws InterruptedException {
    while (true) {
      lookAtYarn();
      if (reachable() || ended()) {
        return reachable();
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Looks once. */
  void look() throws InterruptedException {
    lookAtYarn();
    if (!reachable()) {
      return;
    }
    try {
      for (JobSummary job : application.client().listJobs()) {
        tell(job);
        if (showsJobs) {
          show(job.job());
        }
      }
      asked = true;
      patience.heard(System.nanoTime());
      tellSilence(false, "");
    } catch (IOException e) {
      tellSilence(
          true, "The JobManager of " + application.id() + " does not answer: " + e.getMessage());
    }
  }

  private void lookAtYarn() {
    patience.asks(System.nanoTime());
    try {
      situation = application.situation();
      patience.known(System.nanoTime());
    } catch (IOException e) {
      patience.unheard(e, System.nanoTime());
      tellSilence(true, "YARN does not answer: " + e.getMessage());
      return;
    }
    rise.tell(situation);
    if (situation.state() != state) {
      if (state == null && situation.state() != State.RUNNING && !situation.ended()) {
        console.say("Waiting for the cluster to be allocated");
      }
      state = situation.state();
      if (state == State.RUNNING) {
        console.say("YARN application has been deployed successfully.");
      } else if (!situation.ended()) {
        console.say("Deploying cluster, current state " + state);
      }
    }
    String place = situation.reachable() ? situation.jobManager() : "";
    if (place.equals(jobManager)) {
      return;
    }
    jobManager = place;
    if (!place.isEmpty()) {
      tellDeaths(); // only now YARN knows all of it
      console.say("JobManager of " + application.id() + ": " + place);
    } else if (!stopping && !ended()) {
      console.say("The JobManager of " + application.id() + " is gone; YARN starts another");
    }
  }

  private void tellDeaths() {
    try {
      deaths.news().ifPresent(console::say);
    } catch (IOException e) {
      LOG.info("YARN does not say how the JobManager has ended: {}", e.toString());
    }
  }

  private void show(JobId job) throws IOException, InterruptedException {
    Rise its = rising.computeIfAbsent(job, each -> new Rise(console, each));
    Chronicle chronicle = chronicles.computeIfAbsent(job, each -> new Chronicle());
    if (!its.over()) {
      chronicle
          .next(known -> application.client().job(Optional.of(job), known))
          .changes()
          .forEach(its::tell);
    }
  }

  private void tell(JobSummary job) {
    names.put(job.job(), " (" + Console.oneLine(job.name()) + ")");
    tell(job.job(), job.status());
  }

  /** Tells how a job has ended, unless a look has shown it. */
  void tell(JobId job, JobStatus status) {
    JobStatus before = jobs.put(job, status);
    if (before == null) {
      news.accept(job);
    }
    // What had ended before this command looked for the first time is no news.
    if (before != status && (asked || !status.terminal())) {
      console.say("Job " + job + names.getOrDefault(job, "") + " is " + status);
    }
  }

  /** Once when it begins, and once when it is over. */
  private void tellSilence(boolean now, String how) {
    if (now && !silent) {
      console.warn(how);
    } else if (now) {
      LOG.info("{}", how);
    } else if (silent) {
      console.warn("The JobManager of " + application.id() + " answers again");
    }
    silent = now;
  }

  /**
   * Tells how it ended.
   *
   * @return the exit code
   */
  int tellEnd() {
    String last = Console.lines(situation.diagnostics().strip());
    if (situation.outcome() == Outcome.SUCCEEDED) {
      console.say("The session " + application.id() + " has ended: " + last);
      return 0;
    }
    console.warn("The Millrace Yarn cluster has failed.");
    console.warn(
        "The session "
            + application.id()
            + " is "
            + situation.state()
            + (last.isEmpty() ? "" : ": " + last)
            + "; its logs: yarn logs -applicationId "
            + application.id()
            + "; what its jobs promised is settled by: millrace clean -yid "
            + application.id());
    return 1;
  }
}
