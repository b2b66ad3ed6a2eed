package io.millrace.benchmarks.jet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import org.junit.jupiter.api.Test;

class JetTrialTest {
  private static final long EVENTS = 30_000;

  @Test
  void findsWhatTheLoopsFind() throws Exception {
    try (var engine = new JetTrial()) {
      for (Workload workload : Workload.values()) {
        if (workload == Workload.KEYED_ROCKSDB) {
          assertThatThrownBy(() -> engine.run(workload, EVENTS))
              .hasMessage("Jet keeps state in memory alone");
          continue;
        }
        Tally.total();
        new Limit().run(workload, EVENTS);
        long expected = Tally.total();

        engine.run(workload, EVENTS);

        assertThat(Tally.total()).as(workload.label()).isEqualTo(expected);
      }
    }
  }
}
