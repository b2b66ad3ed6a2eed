package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The main road: a program, a cluster of its own, a result. */
@Tag("cluster")
class WordCountOnYarnTest {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{Nd}]+");
  private static final Pattern UPLOADED = Pattern.compile("Uploaded (\\d+) bytes; (\\d+) bytes");

  @Test
  void countsWordsAndLeavesNothingButTheResult() throws Exception {
    String text = Files.readString(Repository.root().resolve("LICENSE"));
    try (Cluster cluster = Cluster.start()) {
      cluster.hdfs().write("/texts/one", text);
      cluster.hdfs().write("/texts/two", text + text);

      Outcome first = count(cluster, "/counts/first");
      Outcome second = count(cluster, "/counts/second");

      for (String output : List.of("/counts/first", "/counts/second")) {
        List<String> lines = new ArrayList<>(cluster.hdfs().lines(output));
        lines.sort(null);
        assertThat(lines).isEqualTo(oracle(text + "\n" + text + text));
        assertThat(cluster.hdfs().exists(output + "/_SUCCESS")).isTrue();
        assertThat(cluster.hdfs().allFiles(output)).noneMatch(path -> path.contains("/_millrace/"));
      }
      assertThat(uploaded(second)).isLessThan(100_000).isLessThan(uploaded(first));
      for (Outcome outcome : List.of(first, second)) {
        String application = submitted(outcome);
        assertThat(cluster.awaitEnd(application, PATIENCE))
            .isEqualTo(FinalApplicationStatus.SUCCEEDED);
        cluster.awaitNoProcess(application, PATIENCE);
        assertThat(outcome.stdout())
            .containsOnlyOnce("Submitted application ")
            .containsOnlyOnce("Job has been submitted with JobID ")
            .contains("Program execution finished", " has finished.", "Job Runtime: ");
        assertThat(cluster.hdfs().allFiles("/user"))
            .noneMatch(path -> path.contains("/" + application + "/"));
      }
    }
  }

  private static Outcome count(Cluster cluster, String output) throws Exception {
    try (ClientCommand command =
        cluster.millrace(
            "run",
            "-m",
            "yarn-cluster",
            "-yjm",
            "600",
            "-ytm",
            "600",
            "-p",
            "2",
            "-c",
            "io.millrace.examples.WordCount",
            Repository.examplesJar().toString(),
            "--input",
            cluster.hdfs().uri("/texts"),
            "--output",
            cluster.hdfs().uri(output))) {
      Outcome outcome = command.finish(PATIENCE);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      return outcome;
    }
  }

  private static String submitted(Outcome outcome) {
    Matcher matcher =
        Pattern.compile("Submitted application (application_\\d+_\\d+)").matcher(outcome.stdout());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private static long uploaded(Outcome outcome) {
    Matcher matcher = UPLOADED.matcher(outcome.stdout());
    assertThat(matcher.find()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  private static List<String> oracle(String text) {
    Map<String, Integer> counts = new TreeMap<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      counts.merge(matcher.group().toLowerCase(Locale.ROOT), 1, Integer::sum);
    }
    List<String> lines = new ArrayList<>();
    counts.forEach((word, count) -> lines.add(count + " " + word));
    lines.sort(null);
    return lines;
  }
}
