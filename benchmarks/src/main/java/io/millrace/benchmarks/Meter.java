package io.millrace.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.millrace.benchmarks.workloads.Figures;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.LongAdder;

/** Records that operators have seen, and what the whole process has spent for them. */
final class Meter {
  /** How many records an operator lets pass before it reports them: a power of two. */
  static final int STRIDE = 1024;

  private static final LongAdder RECORDS = new LongAdder();

  /** Operators of this process have seen {@link #STRIDE} more records. */
  static void stride() {
    RECORDS.add(STRIDE);
  }

  static long records() {
    return RECORDS.sum();
  }

  /** Waits until so many records have been seen. */
  static void awaitRecords(long count) throws InterruptedException {
    while (RECORDS.sum() < count) {
      Thread.sleep(5);
    }
  }

  /** Between two calls lies what is measured. */
  record Reading(long records, long nanos, long cpuNanos) {
    static Reading now() {
      var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      return new Reading(Meter.records(), System.nanoTime(), system.getProcessCpuTime());
    }

    /** Adds throughput and cost since then. */
    void addTo(Figures figures) {
      Reading end = now();
      double seconds = (end.nanos - nanos) / 1e9;
      long events = end.records - records;
      figures
          .number("events", events)
          .number("seconds", seconds)
          .number("events_per_s", events / seconds)
          .number("cpu_s_per_M", (end.cpuNanos - cpuNanos) / 1e9 / (events / 1e6));
    }
  }

  private Meter() {}
}
