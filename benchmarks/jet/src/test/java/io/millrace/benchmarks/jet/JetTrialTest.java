package io.millrace.benchmarks.jet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JetTrialTest {
  private static final long EVENTS = 30_000;

  /** Long enough for some pauses to be longer than the gap, and some to be just the gap. */
  private static final long EVENTS_OF_SESSIONS = 1_100_000;

  @ParameterizedTest
  @ValueSource(strings = {"jet-core", "jet-pipeline"})
  void findsWhatTheLoopsFind(String variant) throws Exception {
    try (var engine = new JetTrial(variant)) {
      for (Workload workload : Workload.values()) {
        if (workload == Workload.KEYED_ROCKSDB) {
          assertThatThrownBy(() -> engine.run(workload, EVENTS))
              .hasMessage("Jet keeps state in memory alone");
          continue;
        }
        long events = workload == Workload.SESSION ? EVENTS_OF_SESSIONS : EVENTS;
        Tally.total();
        new Limit().run(workload, events);
        long expected = Tally.total();

        engine.run(workload, events);

        assertThat(Tally.total()).as(workload.label()).isEqualTo(expected);
      }
    }
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> new JetTrial("jet-ski")).hasMessage("no such engine: jet-ski");
  }
}
