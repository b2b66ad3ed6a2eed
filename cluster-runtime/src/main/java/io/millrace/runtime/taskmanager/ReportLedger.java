package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the JobManager has not acknowledged: each report stays until it has, and all attempts are
 * told until it knows them.
 */
final class ReportLedger {
  /** Of reports in one heartbeat; what is more waits until those are acknowledged. */
  private static final long MOST_BYTES = 24 << 20;

  private final List<NumberedReport> open = new ArrayList<>();
  private long lastNumber;
  private long lastSent;

  /** Of the attempts that the JobManager knows; 0 if it knows none. */
  private long acknowledgedDigest;

  void add(Report report) {
    open.add(new NumberedReport(++lastNumber, report));
  }

  void acknowledged(ToTaskManager.HeartbeatAnswer answer) {
    open.removeIf(report -> report.number() <= answer.reportsUpTo());
    acknowledgedDigest = answer.digest();
  }

  /** Another JobManager does not know the attempts. */
  void heardByNobody() {
    acknowledgedDigest = 0;
  }

  /** Whether there is a report that was never sent. */
  boolean hasNews() {
    return lastSent < lastNumber;
  }

  /**
   * With the open reports, which count as sent, and with the attempts if they are not known.
   * Reports that carry much are told over several heartbeats.
   */
  ToJobManager.Heartbeat heartbeat(
      TaskManagerId from, List<AttemptStatus> attempts, List<JobId> idle) {
    lastSent = lastNumber;
    long digest = digest(attempts);
    return new ToJobManager.Heartbeat(
        from,
        digest,
        digest == acknowledgedDigest ? Optional.empty() : Optional.of(attempts),
        told(),
        idle);
  }

  private List<NumberedReport> told() {
    long bytes = 0;
    for (int i = 0; i < open.size(); i++) {
      bytes += bytesOf(open.get(i).report());
      if (i > 0 && bytes > MOST_BYTES) {
        return open.subList(0, i);
      }
    }
    return open;
  }

  /** Only those of state may be large. */
  static long bytesOf(Report report) {
    return report instanceof Report.CheckpointAcked acked
        ? acked.state().stream().mapToLong(SubtaskState::inlineBytes).sum()
        : 0;
  }

  /** 0, which stands for nothing known, never comes out. */
  private static long digest(List<AttemptStatus> attempts) {
    long hash = 0xcbf29ce484222325L;
    for (AttemptStatus status : attempts) {
      AttemptId attempt = status.attempt();
      String job = attempt.job().hex();
      for (int i = 0; i < job.length(); i++) {
        hash = mixed(hash, job.charAt(i));
      }
      hash = mixed(hash, attempt.region());
      hash = mixed(hash, attempt.generation());
      hash = mixed(hash, attempt.chain());
      hash = mixed(hash, attempt.subtask());
      hash = mixed(hash, status.epoch().attempt());
      hash = mixed(hash, status.epoch().counter());
      hash = mixed(hash, status.phase().ordinal());
      hash = mixed(hash, status.checkpointSeen());
      hash = mixed(hash, status.checkpointCompleted());
      hash = mixed(hash, status.stopped() ? 1 : 0);
    }
    return hash == 0 ? 1 : hash;
  }

  /** One to one in either argument; high bits come down again, so that all of them count. */
  private static long mixed(long hash, long value) {
    long product = (hash ^ value) * 0x9e3779b97f4a7c15L;
    return product ^ product >>> 32;
  }
}
