package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.protocol.AttemptId;
import org.junit.jupiter.api.Test;

class AlignmentGroupsTest {
  private final AlignmentGroups alignment = new AlignmentGroups();
  private final AttemptId fast = attempt(0, 0);
  private final AttemptId slow = attempt(1, 0);
  private final AttemptId other = attempt(2, 0);

  private static AttemptId attempt(int chain, int subtask) {
    return new AttemptId(TestJobs.JOB, 0, 1, chain, subtask);
  }

  AlignmentGroupsTest() {
    alignment.add(fast, "clicks");
    alignment.add(slow, "clicks");
    alignment.add(other, "orders");
  }

  @Test
  void whoHasSaidNothingKeepsItsGroupWaitingAndNoOther() {
    assertThat(alignment.reached(fast, 500)).isEqualTo(Timestamps.MIN_WATERMARK);
    assertThat(alignment.reached(other, 7)).isEqualTo(7);
    assertThat(alignment.reached(slow, 20)).isEqualTo(20);
    assertThat(alignment.reached(fast, 600)).isEqualTo(20);
  }

  @Test
  void nobodyWaitsForOneThatIsIdleUntilItIsAwake() {
    alignment.reached(slow, 20);
    alignment.reached(fast, 600);

    assertThat(alignment.reached(slow, Timestamps.MAX_WATERMARK)).isEqualTo(600);
    assertThat(alignment.reached(fast, 700)).isEqualTo(700);
    assertThat(alignment.reached(slow, 20)).isEqualTo(20);
  }

  @Test
  void nobodyWaitsForOneThatHasEnded() {
    alignment.reached(fast, 600);
    alignment.over(slow);

    assertThat(alignment.reached(fast, 601)).isEqualTo(601);
    assertThat(alignment.reached(slow, 3)).as("what was still on its way").isEqualTo(601);
    alignment.over(fast);
    assertThat(alignment.reached(fast, 602)).isEqualTo(Timestamps.MAX_WATERMARK);
    assertThat(alignment.reached(attempt(9, 0), 1)).isEqualTo(Timestamps.MAX_WATERMARK);
  }
}
