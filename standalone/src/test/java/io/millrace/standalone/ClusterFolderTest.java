package io.millrace.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the processes of a cluster share. */
class ClusterFolderTest {
  @TempDir Path base;

  private ClusterFolder folder() throws Exception {
    return ClusterFolder.of(
        new Configuration(Map.of("high-availability.storageDir", base.toUri().toString())));
  }

  @Test
  void everyJobManagerGetsAHigherNumberThanAllBefore() throws Exception {
    assertThat(folder().nextAttempt()).isEqualTo(1);
    assertThat(folder().nextAttempt()).isEqualTo(2);
    folder().clear();
    assertThat(folder().nextAttempt())
        .as("whom an earlier one has told something obeys no lower number")
        .isEqualTo(3);
  }

  @Test
  void whoeverIsConfiguredOtherwiseLearnsWhereCheckpointsReallyLie() throws Exception {
    var theirs = folder();
    var mine =
        ClusterFolder.of(
            new Configuration(
                Map.of(
                    "high-availability.storageDir",
                    base.toUri().toString(),
                    "execution.checkpointing.dir",
                    base.resolve("mine").toUri().toString())));
    assertThat(mine.checkpointsElsewhere()).as("nobody has said so yet").isEmpty();

    theirs.nextAttempt();
    assertThat(mine.checkpointsElsewhere())
        .hasValueSatisfying(
            folder -> assertThat(folder).startsWith("file:").endsWith("/checkpoints"));
    assertThat(theirs.checkpointsElsewhere()).isEmpty();

    mine.nextAttempt();
    assertThat(mine.checkpointsElsewhere()).as("the newest knows").isEmpty();
  }

  @Test
  void noTwoGetTheSame() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    var all = new TreeSet<Integer>();
    try {
      List<Callable<Integer>> asking =
          IntStream.range(0, 20)
              .mapToObj(i -> (Callable<Integer>) () -> folder().nextAttempt())
              .toList();
      for (Future<Integer> each : threads.invokeAll(asking)) {
        assertThat(all.add(each.get())).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(folder().nextAttempt()).isGreaterThan(all.last());
  }

  @Test
  void isNotStartedBeforeAJobManagerHasClaimedIt() throws Exception {
    folder().nextAttempt();
    assertThat(folder().isStarted()).isFalse();
    assertThat(folder().address()).isEmpty();
  }

  @Test
  void itsIdCannotLeadElsewhere() {
    for (String id : List.of("../other", "a/b", "", ".hidden")) {
      assertThatThrownBy(
              () ->
                  ClusterFolder.of(
                      new Configuration(
                          Map.of(
                              "high-availability.storageDir",
                              base.toUri().toString(),
                              "high-availability.cluster-id",
                              id))))
          .hasMessageContaining("high-availability.cluster-id is not allowed");
    }
    assertThat(Files.exists(base.resolve("other"))).isFalse();
  }
}
