package io.millrace.runtime.jobmanager;

import io.millrace.runtime.protocol.ClientAnswer.Change;
import io.millrace.runtime.protocol.ClientAnswer.JobSummary;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
import java.util.List;

/** What users were and will be told of a job's life. */
final class JobHistory {
  private final JobSpec spec;
  private final List<Change> changes = new ArrayList<>();

  JobHistory(JobSpec spec) {
    this.spec = spec;
  }

  /** Notes a state; one that is the same and says nothing new is not noted twice. */
  void note(long wallMillis, JobStatus status, String note) {
    if (changes.isEmpty() || status != status() || !note.isEmpty()) {
      changes.add(new Change(wallMillis, status, note));
    }
  }

  JobStatus status() {
    return changes.isEmpty() ? JobStatus.INITIALIZING : changes.get(changes.size() - 1).status();
  }

  int count() {
    return changes.size();
  }

  List<Change> since(int index) {
    return changes.subList(Math.max(0, Math.min(index, changes.size())), changes.size());
  }

  JobSummary summary() {
    long start = changes.isEmpty() ? 0 : changes.get(0).wallMillis();
    long end = status().terminal() ? changes.get(changes.size() - 1).wallMillis() : 0;
    return new JobSummary(spec.job(), spec.graph().name(), status(), start, end);
  }
}
