package io.millrace.runtime.jobmanager;

import static io.millrace.runtime.plan.SlotDemand.alike;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.graph.SlotResources;
import io.millrace.runtime.plan.FormerPlaces;
import io.millrace.runtime.plan.FreeSlot;
import io.millrace.runtime.plan.SlotDemand;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SlotLedgerTest {
  private static final JobId ONE = new JobId("1".repeat(32));
  private static final JobId TWO = new JobId("2".repeat(32));
  private static final TaskManagerLocation A = location("a");
  private static final TaskManagerLocation B = location("b");

  private static final Optional<SlotResources> PLAIN = Optional.empty();
  private static final Optional<SlotResources> HEAVY =
      Optional.of(new SlotResources(2000, 512, 0, 0));

  private final SlotLedger ledger = new SlotLedger(true);

  @Test
  void fillsOneTaskManagerBeforeTheNext() {
    ledger.add(B, 2, PLAIN);
    ledger.add(A, 2, PLAIN);

    assertThat(ledger.take(ONE, alike(3)).orElseThrow())
        .containsExactly(new FreeSlot(A, 0), new FreeSlot(A, 1), new FreeSlot(B, 0));
    assertThat(ledger.freeSlots()).isEqualTo(1);
  }

  @Test
  void keepsJobsApartThatShareNothing() {
    var apart = new SlotLedger(false);
    apart.add(A, 2, PLAIN);
    apart.add(B, 2, PLAIN);
    assertThat(apart.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
    assertThat(apart.take(TWO, alike(1)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
    assertThat(apart.take(TWO, alike(2)))
        .as("one of the slots would be beside the other job's")
        .isEmpty();

    assertThat(apart.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 1));
    apart.release(ONE);
    apart.forget(ONE);
    assertThat(apart.take(TWO, alike(3)).orElseThrow())
        .containsExactly(new FreeSlot(A, 0), new FreeSlot(A, 1), new FreeSlot(B, 1));
  }

  @Test
  void givesAllOrNothing() {
    ledger.add(A, 2, PLAIN);

    assertThat(ledger.take(ONE, alike(3))).isEmpty();
    assertThat(ledger.freeSlots()).isEqualTo(2);
  }

  @Test
  void takesBackWhatOneJobHas() {
    ledger.add(A, 2, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.take(TWO, alike(1));

    ledger.release(ONE);

    assertThat(ledger.take(TWO, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  /** Local state lies where a job was. */
  @Test
  void givesJobsThatComeBackInAnyOrderWhatTheyHad() {
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.take(TWO, alike(1));
    ledger.release(ONE);
    ledger.release(TWO);

    assertThat(ledger.take(TWO, alike(1)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
    assertThat(ledger.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  @Test
  void leavesToAJobThatMayComeBackWhatItHadIfThereIsOther() {
    ledger.add(A, 1, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.release(ONE);
    ledger.add(B, 1, PLAIN);

    assertThat(ledger.take(TWO, alike(1)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
    assertThat(ledger.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  @Test
  void knowsOnlyWhereAJobWasLast() {
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.release(ONE);
    ledger.suspend(A.id());
    ledger.take(ONE, alike(1));
    ledger.resume(A.id());
    ledger.release(ONE);

    assertThat(ledger.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
  }

  /** A copy of the state may be on the disk of a TaskManager that has died. */
  @Test
  void givesAJobForTheSlotThatIsLostOneOnThatHost() {
    TaskManagerLocation kept = at("kept", "x");
    TaskManagerLocation lost = at("lost", "y");
    TaskManagerLocation elsewhere = at("a", "z");
    TaskManagerLocation replacement = at("b", "y");
    ledger.add(kept, 1, PLAIN);
    ledger.add(lost, 1, PLAIN);
    ledger.take(ONE, alike(2));
    ledger.release(ONE);
    ledger.remove(lost.id());
    ledger.add(elsewhere, 1, PLAIN);

    assertThat(ledger.take(ONE, wasAt(lost, kept)).orElseThrow())
        .as("nobody waits for a better one")
        .containsExactly(new FreeSlot(kept, 0), new FreeSlot(elsewhere, 0));

    ledger.release(ONE);
    ledger.forget(ONE);
    ledger.add(replacement, 1, PLAIN);
    assertThat(ledger.take(ONE, wasAt(lost, kept)).orElseThrow())
        .containsExactlyInAnyOrder(new FreeSlot(kept, 0), new FreeSlot(replacement, 0));
  }

  /** The JobManager that gave them is dead; where tasks ran is on record. */
  @Test
  void givesAJobWhatItHadOfAJobManagerBefore() {
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, PLAIN);

    assertThat(ledger.take(ONE, wasAt(B)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
  }

  @Test
  void leavesToAnotherJobThatMayComeBackWhatItHadThoughItIsNear() {
    ledger.add(A, 1, PLAIN);
    ledger.take(TWO, alike(1));
    ledger.release(TWO);
    ledger.add(at("c", "far"), 1, PLAIN);

    assertThat(ledger.take(ONE, wasAt(B)).orElseThrow())
        .containsExactly(new FreeSlot(at("c", "far"), 0));
  }

  @Test
  void givesAJobThatComesBackSlotsOfEachKindThatItHad() {
    ledger.add(location("c"), 1, HEAVY);
    ledger.add(location("d"), 1, PLAIN);
    List<FreeSlot> had = ledger.take(ONE, both(1, 1)).orElseThrow();
    ledger.release(ONE);
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, HEAVY);

    assertThat(ledger.take(TWO, both(1, 1)).orElseThrow())
        .containsExactly(new FreeSlot(A, 0), new FreeSlot(B, 0));
    assertThat(ledger.take(ONE, both(1, 1))).contains(had);
  }

  /** Who has one slot there keeps others from all. */
  @Test
  void leavesToAJobThatMayComeBackAllOfItsTaskManagerIfJobsAreApart() {
    var apart = new SlotLedger(false);
    apart.add(A, 2, PLAIN);
    apart.take(ONE, alike(1));
    apart.release(ONE);
    apart.add(B, 2, PLAIN);

    assertThat(apart.take(TWO, alike(1)).orElseThrow()).containsExactly(new FreeSlot(B, 0));
    assertThat(apart.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  @Test
  void isIdleWhereNobodyHasASlotNorComesBackToOne() {
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, HEAVY);
    ledger.take(ONE, alike(1));
    assertThat(ledger.idle()).containsExactly(B.id());

    ledger.release(ONE);
    assertThat(ledger.idle()).as("while the job pauses").containsExactly(B.id());

    ledger.forget(ONE);
    assertThat(ledger.idle()).as("once it has ended").containsExactly(A.id(), B.id());
  }

  @Test
  void isIdleWhereAJobWasThatIsElsewhereNow() {
    ledger.add(A, 1, PLAIN);
    ledger.add(B, 1, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.release(ONE);
    ledger.leaves(A.id());
    assertThat(ledger.idle()).as("no job comes back to who leaves").contains(A.id());

    ledger.take(ONE, alike(1));
    assertThat(ledger.idle()).containsExactly(A.id());
  }

  @Test
  void forgetsALostTaskManager() {
    ledger.add(A, 2, PLAIN);
    ledger.remove(A.id());

    assertThat(ledger.take(ONE, alike(1))).isEmpty();
  }

  @Test
  void knowsATaskManagerThatRegistersAgain() {
    ledger.add(A, 1, PLAIN);
    ledger.take(ONE, alike(1));
    ledger.add(A, 1, PLAIN);

    assertThat(ledger.freeSlots()).isZero();
  }

  @Test
  void givesOutNothingOfASuspendedTaskManager() {
    ledger.add(A, 1, PLAIN);
    ledger.suspend(A.id());
    assertThat(ledger.take(ONE, alike(1))).isEmpty();

    ledger.resume(A.id());
    assertThat(ledger.take(ONE, alike(1)).orElseThrow()).containsExactly(new FreeSlot(A, 0));
  }

  @Test
  void givesSlotsOnlyToWhomTheyAreMadeFor() {
    ledger.add(A, 2, HEAVY);
    assertThat(ledger.take(ONE, alike(1))).isEmpty();

    ledger.add(B, 2, PLAIN);
    assertThat(ledger.take(ONE, both(1, 3))).as("all or nothing, of each kind").isEmpty();
    assertThat(ledger.take(ONE, both(1, 2)).orElseThrow())
        .as("in the order in which they are needed")
        .containsExactly(new FreeSlot(B, 0), new FreeSlot(A, 0), new FreeSlot(A, 1));
    assertThat(ledger.madeFor(A.id())).isEqualTo(HEAVY);
    assertThat(ledger.madeFor(B.id())).isEqualTo(PLAIN);
  }

  @Test
  void movesOnlyToSlotsThatAreMadeForTheSame() {
    ledger.add(A, 1, HEAVY);
    ledger.take(ONE, new SlotDemand(List.of(part(HEAVY, 1))));
    ledger.leaves(A.id());

    ledger.add(B, 2, PLAIN);
    assertThat(ledger.couldMove(ONE)).isFalse();

    ledger.add(location("c"), 1, HEAVY);
    assertThat(ledger.couldMove(ONE)).isTrue();
  }

  private static SlotDemand both(int plain, int heavy) {
    return new SlotDemand(List.of(part(PLAIN, plain), part(HEAVY, heavy)));
  }

  private static SlotDemand.Part part(Optional<SlotResources> each, int count) {
    return new SlotDemand.Part(each, FormerPlaces.unknown(count));
  }

  private static SlotDemand wasAt(TaskManagerLocation... places) {
    return new SlotDemand(
        List.of(
            new SlotDemand.Part(
                PLAIN, new FormerPlaces(Stream.of(places).map(Optional::of).toList()))));
  }

  private static TaskManagerLocation location(String name) {
    return at(name, "host");
  }

  private static TaskManagerLocation at(String name, String host) {
    return new TaskManagerLocation(new TaskManagerId(name), host, 1);
  }
}
