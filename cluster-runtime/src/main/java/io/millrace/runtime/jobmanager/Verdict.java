package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.ProgramEnd;
import io.millrace.runtime.protocol.ClientAnswer.JobDetails;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobStatus;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * What the platform is told of a cluster that has come to its end.
 *
 * @param diagnostics for people; may be empty
 */
record Verdict(JobStatus status, String diagnostics) {
  static final String STOPPED = "stopped by its user";

  /**
   * @param program whose jobs they are, if they are those of one
   * @param stopped whether its user has ended it
   */
  static Verdict of(Optional<ProgramEnd> program, boolean stopped, Collection<JobMaster> jobs) {
    if (stopped) {
      return new Verdict(JobStatus.CANCELED, STOPPED);
    }
    return program.isPresent() ? ofProgram(program.get(), jobs) : ofJob(jobs.iterator().next());
  }

  /** Of a cluster for one job. */
  private static Verdict ofJob(JobMaster job) {
    JobDetails details = job.details(0, 0);
    return new Verdict(
        details.summary().status(),
        details.failure().map(Failure::headline).or(job::lastWord).orElse(""));
  }

  /**
   * Of a program and its jobs: the worst of all, also of what the program made nothing of. The
   * program's own words come first, if they are as bad.
   */
  private static Verdict ofProgram(ProgramEnd program, Collection<JobMaster> jobs) {
    for (JobStatus status : List.of(JobStatus.FAILED, JobStatus.CANCELED)) {
      if (program.status() == status) {
        return new Verdict(status, program.reason());
      }
      for (JobMaster job : jobs) {
        if (job.summary().status() == status) {
          String why = ofJob(job).diagnostics();
          return new Verdict(status, "job " + job.spec().job() + (why.isEmpty() ? "" : ": " + why));
        }
      }
    }
    return new Verdict(JobStatus.FINISHED, program.reason());
  }
}
