package io.millrace.benchmarks.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.benchmarks.workloads.Arrival;
import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Tally;
import io.millrace.benchmarks.workloads.limit.Limit;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlinkTrialTest {
  private static final long EVENTS = 30_000;

  @ParameterizedTest
  @ValueSource(strings = {"flink-default", "flink-best"})
  void findsWhatTheLoopsFind(String variant) throws Exception {
    try (var engine = new FlinkTrial(variant)) {
      for (Workload workload : Workload.values()) {
        Tally.total();
        new Limit().run(workload, EVENTS);
        long expected = Tally.total();

        engine.run(workload, EVENTS);

        assertThat(Tally.total()).as(workload.label()).isEqualTo(expected);
      }
    }
  }

  @Test
  void theJobNotesItsFirstAndItsLastRecord(@TempDir Path folder) throws Exception {
    String name = folder.resolve("job").toString();

    FirstRecord.main(new String[] {"1000", name});

    assertThat(Arrival.first(name)).exists();
    assertThat(Arrival.last(name)).exists();
  }
}
