package io.millrace.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.benchmarks.workloads.Figures;
import io.millrace.benchmarks.workloads.Workload;
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
  void racesWhatItIsAsked() {
    Race race =
        Race.of(folder, words("--runs", "2", "--engines", "limit,millrace", "join", "keyed"));

    assertThat(race.runs()).isEqualTo(2);
    assertThat(race.engines()).containsExactly(Contestant.LIMIT, Contestant.MILLRACE);
    assertThat(race.workloads()).containsExactly(Workload.JOIN, Workload.KEYED);
    assertThat(race.results()).isEqualTo(folder.resolve("benchmarks/results/peers"));
    assertThat(Race.of(folder, words("tumbling")).engines()).containsExactly(Contestant.values());
    assertThat(Race.isMeant(words("checkpoints"))).isFalse();
    assertThatThrownBy(() -> Race.of(folder, words("--laps", "2")))
        .hasMessage("--runs, --engines or --results expected, found [laps]");
    assertThatThrownBy(() -> Race.of(folder, words("--engines", "ox")))
        .hasMessageStartingWith("unknown engine ox, known are millrace, ");
  }

  @Test
  void aTableOfARaceComparesRoundByRoundAndDoesNotCountWrongResults() {
    String conditions =
        new Figures().text("workload", "join").text("java", "17").text("of_6", "aa").json();
    List<String> lines =
        List.of(
            conditions,
            run("flink-best", 3.0, "aa"),
            run("millrace", 1.0, "aa"),
            run("limit", 0.5, "bb"),
            run("flink-best", 5.0, "aa"),
            run("millrace", 2.0, "aa"),
            run("limit", 0.5, "aa"));

    assertThat(PeerTables.table(lines))
        .endsWith(
            """
            | millrace | 1.00 (1.00–2.00) |  | 2.00 (2.00–2.00) |  | 1,234 (1,234–1,234) | 6 | 2 |
            | flink-best | 3.00 (3.00–5.00) | 2.50 (2.50–3.00) | 2.00 (2.00–2.00) | 1.00 (1.00–1.00) | 1,234 (1,234–1,234) | 6 | 2 |
            | limit | does not count: a checksum is not aa |

            java: `17`
            """);
  }

  private static String run(String engine, double cpu, String checksum) {
    return new Figures()
        .text("workload", "join")
        .text("engine", engine)
        .number("events", 6)
        .number("events_per_s", 2e6)
        .number("cpu_s_per_M", cpu)
        .number("rss_mb", 1234)
        .text("checksum", checksum)
        .json();
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> Benchmark.run("juggling", options()))
        .hasMessage("unknown workload juggling");
    assertThatThrownBy(() -> options("keys", "1")).hasMessage("--name value expected, found keys");
  }

  private static String[] words(String... words) {
    return words;
  }

  private static Options options(String... words) {
    return Options.of(words, 0);
  }
}
