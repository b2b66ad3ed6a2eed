package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.DeploymentRecord.Placed;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

class RollCallTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final Epoch MINE = new Epoch(2, 1);
  private static final TaskManagerLocation A = at("a");
  private static final TaskManagerLocation B = at("b");
  private static final int GENERATION = 3;

  private final RollCall tasks =
      new RollCall(
          JOB,
          new DeploymentRecord(
              new Epoch(1, 4),
              GENERATION,
              "lineage",
              0,
              List.of(),
              0,
              "",
              7,
              List.of(),
              List.of(new Placed(0, 0, A, 0), new Placed(1, 0, A, 0), new Placed(1, 1, B, 0))));

  private static TaskManagerLocation at(String name) {
    return new TaskManagerLocation(new TaskManagerId(name), name, 1);
  }

  private static AttemptStatus task(int chain, int subtask, int generation, Phase phase) {
    return new AttemptStatus(
        Execution.attempt(JOB, generation, chain, subtask), MINE, phase, 7, 7, false);
  }

  private static AttemptStatus running(int chain, int subtask) {
    return task(chain, subtask, GENERATION, Phase.RUNNING);
  }

  @Test
  void allTasksThatWereDeployedAndNoOthersMakeItComplete() {
    assertThat(tasks.reported(A.id(), List.of(running(0, 0), running(1, 0)), MINE)).isEmpty();
    assertThat(tasks.complete()).isFalse();
    assertThat(tasks.awaited()).contains("TaskManager b ");
    AttemptStatus atItsEnd = task(1, 1, GENERATION, Phase.END_OF_DATA);
    assertThat(tasks.reported(B.id(), List.of(atItsEnd), MINE)).isEmpty();
    assertThat(tasks.complete()).isTrue();
    assertThat(tasks.found()).containsExactly(running(0, 0), running(1, 0), atItsEnd);
  }

  @Test
  void whatObeysAnOlderEpochDoesNotCountYet() {
    tasks.reported(A.id(), List.of(running(0, 0), running(1, 0)), MINE);
    var old =
        new AttemptStatus(
            Execution.attempt(JOB, GENERATION, 1, 1), new Epoch(1, 4), Phase.RUNNING, 7, 7, false);
    assertThat(tasks.reported(B.id(), List.of(old), MINE)).isEmpty();
    assertThat(tasks.complete()).isFalse();
    tasks.reported(B.id(), List.of(running(1, 1)), MINE);
    assertThat(tasks.complete()).isTrue();
  }

  @Test
  void whatStillLoadsIsAwaited() {
    tasks.reported(A.id(), List.of(running(0, 0), running(1, 0)), MINE);
    var starting = task(1, 1, GENERATION, Phase.STARTING);
    assertThat(tasks.reported(B.id(), List.of(starting), MINE)).isEmpty();
    assertThat(tasks.complete()).isFalse();
  }

  @Test
  void olderGenerationsBesideDoNoHarm() {
    var leaving = task(1, 1, GENERATION - 1, Phase.CANCELLING);
    assertThat(tasks.reported(B.id(), List.of(leaving, running(1, 1)), MINE)).isEmpty();
  }

  @Test
  void saysWhyTasksCannotRunOn() {
    assertThat(tasks.reported(B.id(), List.of(), MINE))
        .hasValueSatisfying(why -> assertThat(why).contains("TaskManager b does not have task"));
    assertThat(tasks.reported(B.id(), List.of(running(1, 1), running(1, 2)), MINE))
        .hasValueSatisfying(why -> assertThat(why).contains("other tasks"));
    var leaving = task(1, 1, GENERATION, Phase.CANCELLING);
    assertThat(tasks.reported(B.id(), List.of(leaving), MINE))
        .hasValueSatisfying(why -> assertThat(why).contains("was told to end"));
    var stopped =
        new AttemptStatus(
            Execution.attempt(JOB, GENERATION, 1, 1), MINE, Phase.RUNNING, 7, 7, true);
    assertThat(tasks.reported(B.id(), List.of(stopped), MINE))
        .hasValueSatisfying(why -> assertThat(why).contains("told to stop"));
  }

  @Test
  void needsEveryTaskManagerOfTheRecord() {
    var other = new TaskManagerId("other");
    assertThat(tasks.kept(List.of(A.id(), B.id(), other))).isEmpty();
    assertThat(tasks.kept(List.of(A.id())))
        .hasValueSatisfying(why -> assertThat(why).contains("TaskManager b has ended"));
    assertThat(tasks.concerns(other)).isFalse();
  }
}
