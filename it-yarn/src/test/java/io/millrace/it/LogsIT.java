package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.ClientCommand.Outcome;
import io.millrace.it.programs.EndsItsProcess;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What containers have logged reaches those who ask why. */
@Tag("cluster")
class LogsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  @TempDir Path scratch;

  @ExtendWith(SharedCluster.class)
  @Test
  void aProcessThatIsHaltedLeavesItsLastLines(Cluster cluster) throws Exception {
    assertLastLines(cluster, "halt", "ended (exit code " + EndsItsProcess.CODE);
  }

  @ExtendWith(SharedCluster.class)
  @Test
  void aProcessWithoutMemorySaysWhichMemory(Cluster cluster) throws Exception {
    assertLastLines(
        cluster,
        "memory",
        "ran out of Java heap",
        "  | Terminating due to java.lang.OutOfMemoryError: Java heap space");
  }

  private void assertLastLines(Cluster cluster, String way, String... telling) throws Exception {
    Path jar = Jars.programs(scratch.resolve("program.jar"), null);
    Program program =
        Program.of(EndsItsProcess.class, jar)
            .with(way)
            .quick()
            .flags("-Drestart-strategy.type=fixed-delay")
            .flags("-Drestart-strategy.fixed-delay.attempts=1");
    String id;
    Outcome run;
    try (ClientCommand command = cluster.millrace(program.words())) {
      id = command.awaitApplicationId(PATIENCE);
      run = command.finish(PATIENCE);
    }

    assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
    assertThat(run.stdout())
        .contains(telling)
        .contains("  | taskmanager.err:\n  | no way out ?[2J password=***\n")
        .containsPattern("  \\| taskmanager\\.log:\n  \\| .+")
        .doesNotContain("hunter2");
    assertThat(cluster.logs(id, "jobmanager.log").values())
        .anySatisfy(
            log ->
                assertThat(log)
                    .contains("  | no way out ?[2J password=***")
                    .doesNotContain("hunter2"));
  }
}
