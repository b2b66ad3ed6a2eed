package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Another Hadoop than we build with, unshaded, with its old copies of libraries of ours. */
@Tag("cluster")
class OtherHadoopIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @Test
  void countsWords() throws Exception {
    List<Path> texts = Texts.real();
    try (Cluster cluster = Cluster.start(HadoopVersion.OTHER, UnaryOperator.identity())) {
      cluster.hdfs().fileSystem().mkdirs(new org.apache.hadoop.fs.Path("/other/in"));
      for (Path text : texts) {
        cluster.hdfs().put(text, "/other/in/" + text.getFileName());
      }
      Outcome outcome;
      String application;
      try (ClientCommand command =
          cluster.millrace(Program.wordCount("/other/in", "/other/out").flags("-p", "2").words())) {
        application = command.awaitApplicationId(PATIENCE);
        outcome = command.finish(PATIENCE);
      }

      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      // Two providers of one library would be complained about here.
      assertThat(outcome.stderr().lines())
          .singleElement()
          .asString()
          .startsWith("Warning: hadoop.rpc.protection is authentication");
      List<String> lines = cluster.hdfs().lines("/other/out");
      lines.sort(null);
      assertThat(lines).isEqualTo(WordCounts.of(texts.toArray(Path[]::new)).sortedLines());
      assertThat(cluster.awaitEnd(application, PATIENCE))
          .isEqualTo(FinalApplicationStatus.SUCCEEDED);
    }
  }
}
