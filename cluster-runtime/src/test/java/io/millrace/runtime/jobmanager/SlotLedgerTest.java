package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import org.junit.jupiter.api.Test;

class SlotLedgerTest {
  private static final JobId ONE = new JobId("1".repeat(32));
  private static final JobId TWO = new JobId("2".repeat(32));
  private static final TaskManagerLocation A = location("a");
  private static final TaskManagerLocation B = location("b");

  private final SlotLedger ledger = new SlotLedger(true);

  @Test
  void fillsOneTaskManagerBeforeTheNext() {
    ledger.add(B, 2);
    ledger.add(A, 2);

    assertThat(ledger.take(ONE, 3).orElseThrow())
        .containsExactly(new FreeSlot(A, 0), new FreeSlot(A, 1), new FreeSlot(B, 0));
    assertThat(ledger.freeSlots()).isEqualTo(1);
  }

  @Test
  void keepsJobsApartThatShareNothing() {
    var apart = new SlotLedger(false);
    apart.add(A, 2);
    apart.add(B, 2);
    assertThat(apart.take(ONE, 1).orElseThrow()).containsExactly(new FreeSlot(A, 0));
    assertThat(apart.take(TWO, 1).orElseThrow()).containsExactly(new FreeSlot(B, 0));
    assertThat(apart.take(TWO, 2)).as("one of the slots would be beside the other job's").isEmpty();

    assertThat(apart.take(ONE, 1).orElseThrow()).containsExactly(new FreeSlot(A, 1));
    apart.release(ONE);
    assertThat(apart.take(TWO, 3).orElseThrow())
        .containsExactly(new FreeSlot(A, 0), new FreeSlot(A, 1), new FreeSlot(B, 1));
  }

  @Test
  void givesAllOrNothing() {
    ledger.add(A, 2);

    assertThat(ledger.take(ONE, 3)).isEmpty();
    assertThat(ledger.freeSlots()).isEqualTo(2);
  }

  @Test
  void takesBackWhatOneJobHas() {
    ledger.add(A, 2);
    ledger.take(ONE, 1);
    ledger.take(TWO, 1);

    ledger.release(ONE);

    assertThat(ledger.take(TWO, 1).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  @Test
  void forgetsALostTaskManager() {
    ledger.add(A, 2);
    ledger.remove(A.id());

    assertThat(ledger.take(ONE, 1)).isEmpty();
  }

  @Test
  void knowsATaskManagerThatRegistersAgain() {
    ledger.add(A, 1);
    ledger.take(ONE, 1);
    ledger.add(A, 1);

    assertThat(ledger.freeSlots()).isZero();
  }

  @Test
  void givesOutNothingOfASuspendedTaskManager() {
    ledger.add(A, 1);
    ledger.suspend(A.id());
    assertThat(ledger.take(ONE, 1)).isEmpty();

    ledger.resume(A.id());
    assertThat(ledger.take(ONE, 1).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  private static TaskManagerLocation location(String name) {
    return new TaskManagerLocation(new TaskManagerId(name), "host", 1);
  }
}
