package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SimulateTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Simulate simulate =
      new Simulate(new PrintStream(printed, true, StandardCharsets.UTF_8));

  private String output() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void threeHundredLivesOfAClusterBreakNoRule() {
    int exitCode = simulate.run(List.of("--first-seed", "1", "--seeds", "300"));
    assertThat(exitCode).as(output()).isZero();
    assertThat(output()).contains("300 seeds from 1").contains("0 failed");
    assertThat(output())
        .contains("  TaskManager killed ")
        .contains("  TaskManager paused ")
        .contains("  all TaskManagers killed ")
        .contains("  JobManager killed ")
        .contains("  JobManager paused ")
        .contains("JobManager and TaskManager paused")
        .contains("  partition ")
        .contains("partition in one direction")
        .contains("burst of message loss")
        .contains("message lost: Heartbeat ")
        .contains("message lost: HeartbeatAnswer ")
        .contains("message lost: Deploy ")
        .contains("message lost: TriggerCheckpoint ")
        .contains("message cut off: ")
        .contains("  control connection broken ")
        .contains("storage goes down")
        .contains("storage operation failed")
        .contains("storage operation done, answer lost")
        .contains("sink operation failed")
        .contains("sink operation done, answer lost")
        .contains("  manifest spoilt ")
        .contains("  state file spoilt ")
        .contains("  wall clock set ")
        .contains("  TaskManager withdrawn ")
        .containsPattern("ambush at claim: JobManager (killed|paused|replaced)")
        .containsPattern("ambush at manifest: JobManager (killed|paused|replaced)")
        .containsPattern("ambush at deployment: JobManager (killed|paused|replaced)")
        .containsPattern("ambush at sink commit: JobManager (killed|paused|replaced)")
        .contains("ambush at sink commit: TaskManager killed")
        .contains("ambush at sink flush: TaskManager killed")
        .contains("ambush at state file: TaskManager killed")
        .contains("ambush at restore: TaskManager killed")
        .contains("ambush at late write: TaskManager taken for lost");
    assertThat(output())
        .contains("checkpoint with records in flight")
        .contains("queued records in flight restored")
        .contains("unsent records restored")
        .contains("checkpoint began while another was under way")
        .contains("a function heard of a complete checkpoint")
        .contains("a function heard of a checkpoint that was given up")
        .contains("output waited on local disk")
        .contains("local disk failed when a file was written")
        .contains("local disk spoilt what was read")
        .contains("local disk spoilt a state file")
        .contains("local disk failed when a state file was written")
        .containsPattern("local disk failed when (a row was|rows were) ")
        .contains("cancelled task stuck in user code")
        .contains("part of an older execution acknowledged late")
        .contains("event time ended")
        .contains("a split fell silent")
        .contains("event time passed a split that was quiet")
        .contains("event time passed a channel that was idle")
        .contains("event time did not wait for a channel that had been idle")
        .contains("item came late")
        .contains("window fired again for what came late")
        .contains("item came late for a join")
        .contains("items of two streams met, some late")
        .contains("state has expired")
        .contains("state has not expired yet")
        .contains("a function waited for long")
        .contains("only writer of a sink succeeded")
        .contains("job of at-least-once")
        .contains("checkpoint after the input of some tasks had ended")
        .contains("barriers overtook records once they had waited")
        .contains("unflushed output taken back into the next piece")
        .contains("state written after its job was over")
        .contains("TaskManager ran tasks of two jobs")
        .contains("user code failed once more")
        .contains("JobManager cut off from the platform and the store")
        .contains("JobManager ended itself for want of a witness")
        .contains("JobManager replaced as the platform did not hear it")
        .contains("work given up in FACTS")
        .contains("work hung in STATE")
        .contains("work hung in SINK")
        .contains("all control connections broken at once")
        .contains("job drained")
        .contains("job restarted for checkpoints that failed")
        .contains("job continued with another parallelism")
        .contains("job continued with state of another shape")
        .contains("job continued from a savepoint that it had left behind")
        .contains("job continued from the savepoint it was stopped with")
        .contains("job continued from a retained checkpoint");
  }

  /** Without them in some job, what its name says of any shape would not be so. */
  private static final List<String> SHAPES =
      Stream.of(
              "broadcast",
              "burst",
              "burst at the end of event time",
              "co-group",
              "connected",
              "connected by key",
              "counts of two streams",
              "diamond",
              "interval join",
              "one sink for all",
              "partitioned",
              "requests to the outside",
              "several sinks",
              "side output",
              "sliding windows",
              "streams part",
              "tumbling windows",
              "union",
              "window join")
          .map(shape -> "shape: " + shape + " ")
          .toList();

  /** With aligned and unaligned checkpoints, in one process and across several. */
  @Test
  void jobsOfAnyShapeEndThoughEachChannelHasCreditForOneBatch() {
    int exitCode = simulate.run(List.of("--starved", "--first-seed", "1", "--seeds", "120"));
    assertThat(exitCode).as(output()).isZero();
    assertThat(output())
        .contains(SHAPES)
        .contains("FINISHED=120")
        .contains("checkpoint with records in flight")
        .contains("output waited on local disk");
  }

  /** Joins, windows, broadcasts and requests to the outside, through failures and rescaling. */
  @Test
  void jobsOfAnyShapeComeToTheSameThroughFaults() {
    int exitCode = simulate.run(List.of("--struck", "--first-seed", "1", "--seeds", "40"));
    assertThat(exitCode).as(output()).isZero();
    assertThat(output())
        .contains(SHAPES)
        .contains("queued records in flight restored")
        .contains("unsent records restored")
        .contains("job continued with another parallelism");
  }

  @Test
  void oneSeedIsTheSameLifeEveryTime() {
    for (int seed = 1; seed <= 5; seed++) {
      int exitCode = simulate.run(List.of("--reconcile", "--seed", "" + seed));
      assertThat(exitCode).as(output()).isZero();
    }
  }

  @Test
  void refusesArgumentsThatMakeNoSense() {
    assertThat(simulate.run(List.of("--seed"))).isEqualTo(2);
    assertThat(simulate.run(List.of("--seeds", "many"))).isEqualTo(2);
    assertThat(simulate.run(List.of("--reconcile"))).isEqualTo(2);
    assertThat(output()).contains("usage: simulate").contains("--starved").contains("--struck");
  }
}
