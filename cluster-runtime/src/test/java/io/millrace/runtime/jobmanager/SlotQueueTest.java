package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class SlotQueueTest {
  private static final JobId JOB = new JobId("00000000000000000000000000000001");

  private static final JobId LARGE = new JobId("00000000000000000000000000000000");
  private static final JobId SMALL = new JobId("00000000000000000000000000000002");
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final SlotQueue queue = new SlotQueue(1, each -> OptionalInt.empty(), false, 0);
  private final SlotLedger slots = new SlotLedger(true);

  @Test
  void whoComesBackWaitsInFrontOfThoseWhoCameLater() {
    hasSlots(1);
    waitsFor(JOB, 1);
    assertThat(granted()).contains(JOB);
    waitsFor(LARGE, 1_000);
    assertThat(granted()).isEmpty();

    queue.leave(JOB);
    slots.release(JOB);
    waitsFor(JOB, 1);

    assertThat(granted()).contains(JOB);
  }

  @Test
  void whoNeedsManyIsNotOvertakenAsLongAsItMayHope() {
    hasSlots(1);
    waitsFor(LARGE, 2);
    waitsFor(SMALL, 1);
    assertThat(queue.overdue(PATIENCE, 0, slots)).isEmpty();
    assertThat(granted()).isEmpty();

    hasSlots(2);

    assertThat(granted()).contains(LARGE);
    assertThat(granted()).isEmpty();
  }

  @Test
  void whoHasWaitedForTooLongWaitsBesideTheOthers() {
    hasSlots(1);
    waitsFor(LARGE, 3);
    waitsFor(SMALL, 1);
    queue.overdue(PATIENCE, 0, slots);

    assertThat(queue.overdue(PATIENCE, PATIENCE.toMillis(), slots))
        .hasValueSatisfying(
            overdue -> {
              assertThat(overdue.job()).isEqualTo(LARGE);
              assertThat(overdue.reason()).contains("3 slots", "1 TaskManager with 1 slot");
            });
    assertThat(granted()).contains(SMALL);
    assertThat(queue.waiting()).containsExactly(LARGE);

    hasSlots(3);
    assertThat(granted()).as("one is held").isEmpty();
    slots.release(SMALL);
    queue.forget(SMALL);
    assertThat(granted()).contains(LARGE);
  }

  /** As one does that fails on and on: who waits behind it comes to the end of his patience. */
  @Test
  void whoComesBackDoesNotTakeTheTurnOfThoseWhoWait() {
    queue.arrives(JOB);
    waitsFor(LARGE, 3);
    long end = 2 * PATIENCE.toMillis();
    Optional<SlotQueue.Overdue> overdue = Optional.empty();
    for (long now = 0; now < end && overdue.isEmpty(); now += 1_000) {
      if (now % 60_000 == 30_000) {
        waitsFor(JOB, 2);
      } else if (now % 60_000 == 50_000) {
        queue.leave(JOB);
      }
      overdue = queue.overdue(PATIENCE, now, slots);
    }
    assertThat(overdue.map(SlotQueue.Overdue::job)).contains(LARGE);
  }

  /** A JobManager that takes over knows the order before it knows who needs what. */
  @Test
  void jobsWaitInTheOrderInWhichTheyArrived() {
    queue.arrives(JOB);
    queue.arrives(LARGE);
    waitsFor(SMALL, 1);
    waitsFor(LARGE, 1);
    waitsFor(JOB, 1);
    assertThat(queue.waiting()).containsExactly(JOB, LARGE, SMALL);
  }

  @Test
  void whoIsPassedIsNotOverdueOnceMore() {
    waitsFor(LARGE, 3);
    queue.overdue(PATIENCE, 0, slots);
    assertThat(queue.overdue(PATIENCE, PATIENCE.toMillis(), slots)).isPresent();
    queue.overdue(PATIENCE, PATIENCE.toMillis(), slots);
    assertThat(queue.overdue(PATIENCE, 3 * PATIENCE.toMillis(), slots)).isEmpty();
  }

  private void waitsFor(JobId job, int count) {
    queue.needs(job, SlotDemand.alike(count));
    queue.enter(job, SlotDemand.alike(count));
  }

  /** Of a TaskManager each. */
  private void hasSlots(int count) {
    for (int i = 0; i < count; i++) {
      slots.add(
          new TaskManagerLocation(new TaskManagerId("tm-" + i), "host", 1), 1, Optional.empty());
    }
  }

  private Optional<JobId> granted() {
    return queue.grantNext(slots).map(SlotQueue.Grant::job);
  }

  @Test
  void someAreInReserveAsLongAsThereIsAJob() {
    var spares = new SlotQueue(2, each -> OptionalInt.of(1), false, 1);
    assertThat(spares.wantedTaskManagers()).isEmpty();

    spares.needs(JOB, SlotDemand.alike(3));
    assertThat(spares.wantedTaskManagers()).isEqualTo(Map.of(Optional.empty(), 3));

    spares.forget(JOB);
    assertThat(spares.wantedTaskManagers()).isEmpty();
  }
}
