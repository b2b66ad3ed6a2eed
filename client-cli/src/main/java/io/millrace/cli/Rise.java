package io.millrace.cli;

import io.millrace.runtime.client.Situation;
import io.millrace.runtime.client.Situation.State;
import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;

/**
 * How a cluster and a job in it come up, told once each to a user who wants to know every phase:
 * first what the platform says, then what the JobManager says.
 */
final class Rise {
  private final Console console;
  private final String subject;
  private State state;
  private boolean launched;
  private boolean found;
  private boolean over;

  Rise(Console console) {
    this(console, "");
  }

  /** Where several jobs come up. */
  Rise(Console console, JobId job) {
    this(console, "job " + job + ": ");
  }

  private Rise(Console console, String subject) {
    this.console = console;
    this.subject = subject;
  }

  /** Tells what is new, until there is a JobManager. */
  void tell(Situation situation) {
    if (found || situation.ended()) {
      return;
    }
    if (!launched && situation.launchedMillis().isPresent()) {
      launched = true;
      long millis = situation.launchedMillis().getAsLong();
      // Of a session that ran before, that is no phase of this command.
      if (millis >= console.begun().orElse(0)) {
        console.reached(millis, "YARN has started the JobManager's container");
      }
    }
    if (situation.state() != state) {
      state = situation.state();
      console.reached("YARN says " + state);
    }
    if (situation.reachable()) {
      found = true;
      console.reached("YARN knows the JobManager, at " + situation.jobManager());
    }
  }

  /** Tells a change, unless the job has run before. */
  void tell(Change change) {
    if (!over) {
      String what = change.detail() ? change.note() : "the job is " + change.status();
      console.reached(change.wallMillis(), subject + what);
      over = change.status() == JobStatus.RUNNING || change.status().terminal();
    }
  }

  /** Whether the job has run, or never will. */
  boolean over() {
    return over;
  }
}
