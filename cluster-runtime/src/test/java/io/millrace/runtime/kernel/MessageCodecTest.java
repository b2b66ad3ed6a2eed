package io.millrace.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.graph.SlotResources;
import io.millrace.api.type.CorruptDataException;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.Report;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import io.millrace.runtime.protocol.ToJobManager;
import io.millrace.runtime.protocol.ToTaskManager;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageCodecTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final TaskManagerId TASK_MANAGER = new TaskManagerId("container_1");
  private static final AttemptId ATTEMPT = new AttemptId(JOB, 0, 3, 1, 2);

  private final MessageCodec<ToJobManager> toJobManager = new MessageCodec<>(ToJobManager.class);

  private static ToJobManager heartbeat() {
    return new ToJobManager.Heartbeat(
        TASK_MANAGER,
        77,
        Optional.of(
            List.of(
                new ToJobManager.AttemptStatus(
                    ATTEMPT, new Epoch(1, 2), ToJobManager.Phase.RUNNING, 5, 4, true))),
        List.of(
            new ToJobManager.NumberedReport(1, new Report.Running(ATTEMPT)),
            new ToJobManager.NumberedReport(
                2, new Report.Failed(ATTEMPT, Failure.of(Failure.Kind.USER, "no")))),
        List.of(JOB));
  }

  @Test
  void messagesOfEveryFamilyComeBackAsTheyWere() {
    assertThat(toJobManager.decode(toJobManager.encode(heartbeat()))).isEqualTo(heartbeat());
    var register =
        new ToJobManager.Register(
            new TaskManagerLocation(TASK_MANAGER, "host", 1234),
            2,
            Optional.of(new SlotResources(500, 64, 0, 8)),
            true);
    assertThat(toJobManager.decode(toJobManager.encode(register))).isEqualTo(register);

    var toTaskManager = new MessageCodec<>(ToTaskManager.class);
    var trigger =
        new ToTaskManager.TriggerCheckpoint(
            JOB, new Epoch(1, 1), 0, 3, 9, Purpose.savepoint("hdfs://nn/savepoint"));
    assertThat(toTaskManager.decode(toTaskManager.encode(trigger))).isEqualTo(trigger);

    var requests = new MessageCodec<>(ClientRequest.class);
    var get = new ClientRequest.GetJob(4, Optional.empty(), 2);
    assertThat(requests.decode(requests.encode(get))).isEqualTo(get);

    var answers = new MessageCodec<>(ClientAnswer.class);
    var jobs =
        new ClientAnswer.Jobs(
            3, List.of(new ClientAnswer.JobSummary(JOB, "word count", JobStatus.RUNNING, 1, -1)));
    assertThat(answers.decode(answers.encode(jobs))).isEqualTo(jobs);
  }

  @Test
  void statesWithBytesComeBack() {
    var state =
        new SubtaskState(
            "sum",
            1,
            2,
            128,
            Optional.of(new StateBytes.Inline(new byte[] {1, 2}, 5)),
            List.of(),
            Optional.of(new StateBytes.InFile("data/x", 1, 2, 3)));
    var message =
        new ToJobManager.Heartbeat(
            TASK_MANAGER,
            1,
            Optional.empty(),
            List.of(
                new ToJobManager.NumberedReport(
                    1, new Report.CheckpointAcked(ATTEMPT, 4, List.of(state)))),
            List.of());
    var read = (ToJobManager.Heartbeat) toJobManager.decode(toJobManager.encode(message));
    var acked = (Report.CheckpointAcked) read.reports().get(0).report();
    assertThat(acked.state().get(0).keyed()).isEqualTo(state.keyed());
    assertThat(((StateBytes.Inline) acked.state().get(0).own().orElseThrow()).bytes())
        .containsExactly(1, 2);
  }

  @Test
  void whateverTheBytesAreOnlyOneExceptionLeaves() {
    byte[] good = toJobManager.encode(heartbeat());
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> toJobManager.decode(cut)).isInstanceOf(CorruptDataException.class);
    }
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertThatThrownBy(() -> toJobManager.decode(longer))
        .isInstanceOf(CorruptDataException.class)
        .hasMessageContaining("1 bytes after it");

    var random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        assertThat(toJobManager.decode(bad)).isNotNull();
      } catch (CorruptDataException e) {
        assertThat(e).hasMessageMatching("(?s).+");
      }
    }
  }
}
