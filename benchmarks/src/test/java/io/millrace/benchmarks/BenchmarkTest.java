package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
  @TempDir Path folder;

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
  void thePageOfResultsIsWhatTheRunsHavePrinted() throws Exception {
    var repository = Path.of("..");
    assertThat(Files.readString(repository.resolve("docs/benchmarks.md")))
        .as("docs/benchmarks.md; scripts/bench page writes it anew")
        .isEqualTo(new ResultsPage(repository).expected());
  }

  @Test
  void aTableHasTheFieldsOfAllRunsOfItsWorkload() {
    var one = new Figures().text("workload", "juggling").number("balls", 3).text("settings", "");
    var other = new Figures().text("workload", "juggling").number("balls", 4).number("hands", 2.5);

    assertThat(ResultsPage.tables(List.of(one.json(), other.json())))
        .isEqualTo(
            """

            ### juggling

            | balls | settings | hands |
            | --- | --- | --- |
            | 3 |  |  |
            | 4 |  | 2.500 |
            """);
    assertThatThrownBy(() -> ResultsPage.tables(List.of("killed")))
        .hasMessage("a line that a run has printed expected, found killed");
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
