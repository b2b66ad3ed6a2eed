package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MillraceTrialTest {
  private static final long EVENTS = 30_000;

  @ParameterizedTest
  @EnumSource
  void findsWhatTheLoopsFind(Workload workload) throws Exception {
    Tally.total();
    new Limit().run(workload, EVENTS);
    long expected = Tally.total();

    for (String variant : new String[] {"millrace", "millrace-reuse"}) {
      try (var engine = new MillraceTrial(variant)) {
        engine.run(workload, EVENTS);
        assertThat(Tally.total()).as(variant).isEqualTo(expected);
      }
    }
  }
}
