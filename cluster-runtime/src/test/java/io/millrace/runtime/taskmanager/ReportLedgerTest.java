package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToJobManager.AttemptStatus;
import io.millrace.runtime.protocol.ToJobManager.NumberedReport;
import io.millrace.runtime.protocol.ToJobManager.Phase;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportLedgerTest {
  private static final AttemptId TASK = new AttemptId(new JobId("0".repeat(32)), 0, 1, 0, 0);

  private static final TaskManagerId FROM = new TaskManagerId("tm");

  private final ReportLedger ledger = new ReportLedger();

  @Test
  void tellsWhatIsNotAcknowledgedAgain() {
    ledger.add(new Report.Running(TASK));
    ledger.add(new Report.EndOfData(TASK));
    assertThat(told()).containsExactly(1L, 2L);
    ledger.acknowledged(new ToTaskManager.HeartbeatAnswer(1, 0));
    assertThat(told()).containsExactly(2L);
  }

  /** Each fits into a message, all of them would not. */
  @Test
  void tellsManyLargeReportsOneAfterTheOther() {
    for (int checkpoint = 1; checkpoint <= 7; checkpoint++) {
      ledger.add(new Report.CheckpointAcked(TASK, checkpoint, List.of(withAccumulator(8 << 20))));
    }
    assertThat(told()).containsExactly(1L, 2L, 3L);
    assertThat(ledger.hasNews()).isFalse();
    ledger.acknowledged(new ToTaskManager.HeartbeatAnswer(3, 0));
    assertThat(told()).containsExactly(4L, 5L, 6L);
    ledger.acknowledged(new ToTaskManager.HeartbeatAnswer(6, 0));
    assertThat(told()).containsExactly(7L);
  }

  /** What is unchanged goes as a digest, so every change of anything must change that. */
  @Test
  void tellsAttemptsAgainWhateverHasChanged() {
    var epoch = new Epoch(2, 3);
    var status = new AttemptStatus(TASK, epoch, Phase.RUNNING, 7, 6, false);
    ToJobManager.Heartbeat first = ledger.heartbeat(FROM, List.of(status), List.of());
    assertThat(first.attempts()).isPresent();
    ledger.acknowledged(new ToTaskManager.HeartbeatAnswer(0, first.digest()));
    JobId job = TASK.job();
    var other = new JobId("0".repeat(31) + "1");
    assertThat(ledger.heartbeat(FROM, List.of(status), List.of()).attempts()).isEmpty();
    for (AttemptId attempt :
        List.of(
            new AttemptId(other, 0, 1, 0, 0),
            new AttemptId(job, 1, 1, 0, 0),
            new AttemptId(job, 0, 2, 0, 0),
            new AttemptId(job, 0, 1, 1, 0),
            new AttemptId(job, 0, 1, 0, 1))) {
      isTold(List.of(new AttemptStatus(attempt, epoch, Phase.RUNNING, 7, 6, false)));
    }
    isTold(List.of(new AttemptStatus(TASK, new Epoch(3, 3), Phase.RUNNING, 7, 6, false)));
    isTold(List.of(new AttemptStatus(TASK, new Epoch(2, 2), Phase.RUNNING, 7, 6, false)));
    isTold(List.of(new AttemptStatus(TASK, epoch, Phase.CANCELLING, 7, 6, false)));
    isTold(List.of(new AttemptStatus(TASK, epoch, Phase.RUNNING, 8, 6, false)));
    isTold(List.of(new AttemptStatus(TASK, epoch, Phase.RUNNING, 7, 7, false)));
    isTold(List.of(new AttemptStatus(TASK, epoch, Phase.RUNNING, 6, 7, false)));
    isTold(List.of(new AttemptStatus(TASK, epoch, Phase.RUNNING, 7, 6, true)));
    isTold(List.of());
    isTold(List.of(status, status));
  }

  private void isTold(List<AttemptStatus> attempts) {
    assertThat(ledger.heartbeat(FROM, attempts, List.of()).attempts()).contains(attempts);
  }

  private List<Long> told() {
    return ledger.heartbeat(FROM, List.of(), List.of()).reports().stream()
        .map(NumberedReport::number)
        .toList();
  }

  private static SubtaskState withAccumulator(int bytes) {
    return new SubtaskState(
        "uid",
        0,
        1,
        1,
        Optional.empty(),
        List.of(),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(new AccumulatorState("list", new byte[bytes])));
  }
}
