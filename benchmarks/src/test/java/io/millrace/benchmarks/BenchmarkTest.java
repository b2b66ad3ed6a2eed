package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
  @TempDir java.nio.file.Path folder;

  @Test
  void measuresTheWayBackFromAFailureWithStateOfEveryKey() throws Exception {
    Figures figures =
        Benchmark.run(
            "recovery",
            options(
                "--keys",
                "1000",
                "--payload",
                "100",
                "--interval",
                "20",
                "--failures",
                "1",
                "--checkpoints",
                folder.toUri().toString()));

    assertThat(figures.json()).contains("\"workload\": \"recovery\"", "\"failures\": 1");
    assertThat(KeyedCounts.resumedNanos).isGreaterThan(KeyedCounts.failedNanos);
    assertThat(folder).isNotEmptyDirectory();
  }

  @Test
  void countsEveryEventOfTheSlidingWindows() throws Exception {
    Figures figures =
        Benchmark.run("sliding-cost", options("--events", "20480", "--ratio", "10", "--keys", "7"));

    assertThat(figures.json()).contains("\"events\": 20480");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> Benchmark.run("juggling", options()))
        .hasMessage("unknown workload juggling");
    assertThatThrownBy(() -> options("keys", "1")).hasMessage("--name value expected, found keys");
  }

  private static Options options(String... words) {
    return Options.of(words, 0);
  }
}
