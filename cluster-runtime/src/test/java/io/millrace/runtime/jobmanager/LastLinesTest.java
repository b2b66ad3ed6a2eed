package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.jobmanager.ResourceManager.TaskManagerEnded;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is known of the logs of a TaskManager stands below the sentence on its end. */
class LastLinesTest {
  private final ScriptedCluster cluster =
      new ScriptedCluster(new MemoryCheckpointStore(), 1, Configuration.EMPTY);
  private TaskManagerId id;

  @BeforeEach
  void run() {
    TestJobs.SINK_CALLS.clear();
    TestJobs.cannotCommit = false;
    cluster.running(TestJobs.spec(Map.of()));
    id = cluster.taskManagers.firstKey();
    says("the first words");
    says("two password=hunter2");
  }

  private void says(String line) {
    cluster.deliver(id.address(), new ToJobManager.LastLines(id, List.of(line), "7 MB"));
  }

  private void ends(LogExcerpt known) {
    ends(known, false);
  }

  private void ends(LogExcerpt known, boolean forMemory) {
    cluster.deliver(
        new Address("resources"),
        new TaskManagerEnded(id, "exit code 137", known, forMemory, true));
    cluster.runFor(1_000);
  }

  private List<String> notes() {
    return cluster.details().changes().stream()
        .map(change -> change.note())
        .filter(note -> note.contains(id.value()))
        .toList();
  }

  @Test
  void whoIsKilledIsToldOfWithWhatItSaidLast() {
    cluster.taskManagers.remove(id);
    ends(LogExcerpt.NONE);

    assertThat(notes())
        .anyMatch(note -> note.contains("exit code 137\n  | two password=***"))
        .noneMatch(note -> note.contains("the first words"));
  }

  @Test
  void alsoIfItWasGivenUpBefore() {
    cluster.vanish(id);
    cluster.runFor(1_000);
    assertThat(notes()).noneMatch(note -> note.contains("password"));

    says("too late");
    ends(LogExcerpt.NONE);

    assertThat(notes()).anyMatch(note -> note.endsWith(": exit code 137\n  | two password=***"));
  }

  @Test
  void whoEndsForItsMemoryIsToldOfWithHowThatWasDivided() {
    cluster.taskManagers.remove(id);
    ends(LogExcerpt.NONE, true);

    assertThat(notes())
        .anyMatch(note -> note.contains("exit code 137; as last heard of, it had 7 MB\n  | two"));
  }

  @Test
  void thePlatformKnowsThemBetter() {
    cluster.taskManagers.remove(id);
    ends(new LogExcerpt(List.of("the very last")));

    assertThat(notes())
        .anyMatch(note -> note.contains("exit code 137\n  | the very last"))
        .noneMatch(note -> note.contains("password"));
  }

  @Test
  void whoFallsSilentIsToldOfAtOnce() {
    cluster.taskManagers.remove(id);
    cluster.runFor(10_000);

    assertThat(notes()).anyMatch(note -> note.contains("silent") && note.contains("  | two"));
  }
}
