package io.millrace.runtime.taskmanager;

import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import java.util.ArrayList;
import java.util.List;

/** Reports that the JobManager has not acknowledged; each stays until it has. */
final class ReportLedger {
  private final List<NumberedReport> open = new ArrayList<>();
  private long lastNumber;
  private long lastSent;

  void add(Report report) {
    open.add(new NumberedReport(++lastNumber, report));
  }

  void acknowledged(long upTo) {
    open.removeIf(report -> report.number() <= upTo);
  }

  /** Whether there is one that was never sent. */
  boolean hasNews() {
    return lastSent < lastNumber;
  }

  /** All that are open; they count as sent. */
  List<NumberedReport> send() {
    lastSent = lastNumber;
    return List.copyOf(open);
  }
}
