package io.millrace.runtime.jobmanager;

import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayDeque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What users were and will be told of a job's life. A job that runs for months may have a
 * checkpoint given up every few seconds, and all of this goes over the wire: only the newest
 * changes are kept. All of them are logged: whoever looks for a job's end may have nothing else.
 */
final class JobHistory {
  static final int MOST_CHANGES = 1_000;

  /** Of a job with many TaskManagers, the first ones tell enough. */
  static final int MOST_DETAILS = 200;

  private static final Logger LOG = LoggerFactory.getLogger(JobHistory.class);

  private final JobSpec spec;
  private final ArrayDeque<Change> changes = new ArrayDeque<>();
  private int forgotten;
  private int details;
  private long startMillis;

  JobHistory(JobSpec spec) {
    this.spec = spec;
  }

  /** Notes a state; one that is the same and says nothing new is not noted twice. */
  void note(long wallMillis, JobStatus status, String note) {
    if (changes.isEmpty()) {
      startMillis = wallMillis;
    } else if (status == status() && note.isEmpty()) {
      return;
    }
    add(new Change(wallMillis, status, note));
    LOG.info("Job {} is {}{}{}", spec.job(), status, note.isEmpty() ? "" : ": ", note);
  }

  /** Notes what has been reached on the way to the next state. */
  void detail(long wallMillis, String what) {
    if (!changes.isEmpty() && details < MOST_DETAILS) {
      details++;
      add(new Change(wallMillis, status(), what, true));
      LOG.info("Job {}: {}", spec.job(), what);
    }
  }

  private void add(Change change) {
    changes.addLast(change);
    if (changes.size() > MOST_CHANGES) {
      changes.removeFirst();
      forgotten++;
    }
  }

  /** An earlier JobManager had begun with the job then. */
  void startedAt(long wallMillis) {
    startMillis = Math.min(startMillis, wallMillis);
  }

  long startMillis() {
    return startMillis;
  }

  JobStatus status() {
    return changes.isEmpty() ? JobStatus.INITIALIZING : changes.getLast().status();
  }

  /** Changes so far, those that are forgotten included. */
  int count() {
    return forgotten + changes.size();
  }

  /** The changes behind the first so many, as far as they are kept. */
  List<Change> since(int known) {
    return changes.stream().skip(Math.max(0, known - (long) forgotten)).toList();
  }

  JobSummary summary() {
    long end = status().terminal() ? changes.getLast().wallMillis() : 0;
    return new JobSummary(spec.job(), spec.graph().name(), status(), startMillis, end);
  }
}
