package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SlotQueueTest {
  private static final JobId JOB = new JobId("00000000000000000000000000000001");

  @Test
  void someAreInReserveAsLongAsThereIsAJob() {
    var queue = new SlotQueue(2, each -> OptionalInt.of(1), false, 1);
    assertThat(queue.wantedTaskManagers()).isEmpty();

    queue.needs(JOB, SlotDemand.alike(3));
    assertThat(queue.wantedTaskManagers()).isEqualTo(Map.of(Optional.empty(), 3));

    queue.forget(JOB);
    assertThat(queue.wantedTaskManagers()).isEmpty();
  }
}
