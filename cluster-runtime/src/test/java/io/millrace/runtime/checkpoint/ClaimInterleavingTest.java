package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every order in which the operations of several claimers can interleave, with crashes between any
 * two and acknowledgements lost, is gone through; what must hold is checked after each step.
 */
class ClaimInterleavingTest {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");
  private static final Epoch OLD = new Epoch(1, 1);

  /**
   * Where a claimer that commits one checkpoint once it has claimed, or the commander of before,
   * stands after all that it has been told. Does not change, so many runs may hold it.
   */
  private static final class Commander {
    final Epoch epoch;
    final long checkpoint;
    private final boolean holdsAlready;

    /** All that it has been told, which with its code says where it stands. */
    private final List<Outcome> heard;

    private final HashMap<Object, Commander> next = new HashMap<>();

    private Procedure<?> procedure;
    private Step<?> step;
    boolean claimed;
    boolean committed;
    boolean ended;
    List<Long> restored = List.of();

    Commander(Epoch epoch, long checkpoint, boolean holdsAlready) {
      this(epoch, checkpoint, holdsAlready, List.of());
    }

    private Commander(Epoch epoch, long checkpoint, boolean holdsAlready, List<Outcome> heard) {
      this.epoch = epoch;
      this.checkpoint = checkpoint;
      this.holdsAlready = holdsAlready;
      this.heard = heard;
      this.claimed = holdsAlready;
      begin(holdsAlready ? commit() : Claim.ofJob(epoch, "owner " + epoch, 0, Optional.empty()));
      heard.forEach(this::hear);
    }

    private void begin(Procedure<?> first) {
      procedure = first;
      step = first.start();
    }

    private Procedure<?> commit() {
      return WriteFact.manifest(epoch, manifest(epoch, checkpoint), checkpoint);
    }

    private void hear(Outcome outcome) {
      step = procedure.on(outcome);
      if (step instanceof Step.Failed<?>) {
        ended = true;
      } else if (step instanceof Step.Done<?> done) {
        if (done.result() instanceof Claim.Claimed<?> won
            && won.inherited() instanceof ClaimedJob job) {
          claimed = true;
          restored = job.manifests().stream().map(kept -> kept.manifest().checkpoint()).toList();
          begin(commit());
        } else {
          committed =
              done.result() instanceof Written written && written.verdict() == Written.Verdict.DONE;
          ended = true;
        }
      }
    }

    /** What it does next, if anything. */
    Optional<NameOp> op() {
      return !ended && step instanceof Step.Do<?> wanted
          ? Optional.of(wanted.op())
          : Optional.empty();
    }

    /**
     * Where it stands once it has done that.
     *
     * @param lostAck whether the operation has its effect but seems to fail
     */
    Commander after(DurableNames names, boolean lostAck) {
      Outcome outcome = op().orElseThrow().apply(names);
      Outcome told = lostAck ? new Outcome.Failed("lost") : outcome;
      return next.computeIfAbsent(
          told instanceof Outcome.Content content ? ByteBuffer.wrap(content.bytes()) : told,
          key -> {
            var all = new ArrayList<>(heard);
            all.add(told);
            return new Commander(epoch, checkpoint, holdsAlready, all);
          });
    }
  }

  /** A run until now. */
  private static final class Run {
    final MemoryNames names;
    final List<Commander> commanders = new ArrayList<>();
    int crashed = -1;
    boolean lostAckUsed;
    Epoch highestRestored = Epoch.NONE;
    final Set<Long> promised = new HashSet<>();

    Run(boolean withOldCommander) {
      names = new MemoryNames();
      Procedure.run(Claim.ofJob(OLD, "old", 0, Optional.empty()), names);
      Procedure.run(WriteFact.manifest(OLD, manifest(OLD, 1), 1), names);
      promised.add(1L);
      if (withOldCommander) {
        commanders.add(new Commander(OLD, 2, true));
      }
      commanders.add(new Commander(new Epoch(2, 1), 3, false));
      if (!withOldCommander) {
        commanders.add(new Commander(new Epoch(3, 1), 4, false));
      }
    }

    /** Goes another way than {@code other} from here on. */
    Run(Run other) {
      names = other.names.copy();
      commanders.addAll(other.commanders);
      crashed = other.crashed;
      lostAckUsed = other.lostAckUsed;
      highestRestored = other.highestRestored;
      promised.addAll(other.promised);
    }

    /** Two runs with the same position go on alike, whatever led to them. */
    List<Object> position() {
      var position = new ArrayList<Object>(commanders);
      position.add(lostAckUsed);
      position.add(crashed);
      for (String folder : List.of("", "claims", "epochs", "tmp")) {
        for (DurableNames.Entry entry : names.list(folder)) {
          position.add(entry.name());
          position.add(names.list(folder + "/" + entry.name()));
        }
      }
      return position;
    }

    /** A choice: commander × 3 + (0 step, 1 step with its acknowledgement lost, 2 crash). */
    List<Integer> choices() {
      var choices = new ArrayList<Integer>();
      for (int index = 0; index < commanders.size(); index++) {
        NameOp op = commanders.get(index).op().orElse(null);
        if (op != null && index != crashed) {
          choices.add(index * 3);
          boolean changes = !(op instanceof NameOp.ListFolder) && !(op instanceof NameOp.Read);
          if (changes && !lostAckUsed) {
            choices.add(index * 3 + 1);
          }
          if (changes && crashed < 0 && !lostAckUsed) {
            choices.add(index * 3 + 2);
          }
        }
      }
      return choices;
    }

    void take(int choice) {
      int index = choice / 3;
      if (choice % 3 == 2) {
        crashed = index;
        return;
      }
      lostAckUsed |= choice % 3 == 1;
      boolean claimedBefore = commanders.get(index).claimed;
      Commander commander = commanders.get(index).after(names, choice % 3 == 1);
      commanders.set(index, commander);
      if (commander.claimed && !claimedBefore) {
        assertThat(commander.epoch).isGreaterThan(highestRestored);
        highestRestored = commander.epoch;
        // Claim before restore: whatever was promised by now must have been found.
        assertThat(commander.restored).containsAll(promised);
      }
      if (commander.committed && promised.add(commander.checkpoint)) {
        assertThat(commander.epoch)
            .as("nobody below the highest claimer makes a promise that it did not see")
            .satisfiesAnyOf(
                epoch -> assertThat(epoch).isEqualTo(highestRestored),
                epoch -> assertThat(seenByHighest(commander.checkpoint)).isTrue(),
                epoch -> assertThat(highestRestored).isEqualTo(Epoch.NONE));
      }
    }

    private boolean seenByHighest(long checkpoint) {
      return commanders.stream()
          .filter(other -> other.epoch.equals(highestRestored))
          .anyMatch(other -> other.restored.contains(checkpoint));
    }

    /** A last claimer finds every promise that was made. */
    void checkEnd() {
      for (int index = 0; index < commanders.size(); index++) {
        assertThat(commanders.get(index).ended || index == crashed).isTrue();
      }
      var step =
          (Step.Done<Claim.Result<ClaimedJob>>)
              Procedure.run(Claim.ofJob(new Epoch(9, 1), "last", 0, Optional.empty()), names);
      ClaimedJob job = ((Claim.Claimed<ClaimedJob>) step.result()).inherited();
      assertThat(job.damaged()).isEmpty();
      assertThat(job.manifests())
          .extracting(kept -> kept.manifest().checkpoint())
          .containsAll(promised);
    }
  }

  @Test
  void twoClaimersInEveryOrder() {
    assertThat(explore(false)).isGreaterThan(1_000);
  }

  @Test
  void aClaimerAgainstACommitterInEveryOrder() {
    assertThat(explore(true)).isGreaterThan(100);
  }

  @Test
  void noClaimerBringsBackTheStateFilesOfAJobThatIsOver() {
    int most = 0;
    for (int first = 0; first <= most; first++) {
      for (int second = 0; second <= most; second++) {
        var names = new MemoryNames();
        var slow = new LateClaimer(new Epoch(1, 1), names);
        var slower = new LateClaimer(new Epoch(2, 1), names);
        slow.step(first);
        slower.step(second);

        end(names, new Epoch(3, 1));
        most = Math.max(most, first + slow.step(Integer.MAX_VALUE));
        most = Math.max(most, second + slower.step(Integer.MAX_VALUE));

        assertThat(names.list(""))
            .as("after %d and %d steps", first, second)
            .extracting(DurableNames.Entry::name)
            .doesNotContain(JobDirectory.DATA);
      }
    }
    assertThat(most).isGreaterThan(10);
  }

  private static final class LateClaimer {
    private final DurableNames names;
    private final Procedure<Claim.Result<ClaimedJob>> claim;
    private Step<Claim.Result<ClaimedJob>> step;

    LateClaimer(Epoch epoch, DurableNames names) {
      this.names = names;
      this.claim = Claim.ofJob(epoch, "late " + epoch, 0, Optional.empty());
      this.step = claim.start();
    }

    /** Goes on by so many operations, or to the end; returns how many it did. */
    int step(int count) {
      int done = 0;
      while (done < count && step instanceof Step.Do<Claim.Result<ClaimedJob>> wanted) {
        step = claim.on(wanted.op().apply(names));
        done++;
      }
      return done;
    }
  }

  /** Takes over, and the job is over. */
  private static void end(DurableNames names, Epoch epoch) {
    Procedure.run(Claim.ofJob(epoch, "last", 0, Optional.empty()), names);
    Procedure.run(
        WriteFact.result(epoch, new JobResult(JobStatus.FINISHED, Optional.empty(), 0), 1), names);
    assertThat(Procedure.run(new DiscardAll(epoch), names)).isEqualTo(new Step.Done<>(true));
  }

  private static int explore(boolean withOldCommander) {
    var positions = new HashSet<List<Object>>();
    explore(new Run(withOldCommander), new ArrayDeque<>(), positions);
    return positions.size();
  }

  private static void explore(Run run, ArrayDeque<Integer> taken, Set<List<Object>> positions) {
    if (!positions.add(run.position())) {
      return;
    }
    List<Integer> choices = run.choices();
    if (choices.isEmpty()) {
      checked(taken, run::checkEnd);
    }
    for (int choice : choices) {
      var further = new Run(run);
      taken.addLast(choice);
      checked(taken, () -> further.take(choice));
      explore(further, taken, positions);
      taken.removeLast();
    }
  }

  private static void checked(ArrayDeque<Integer> taken, Runnable step) {
    try {
      step.run();
    } catch (AssertionError e) {
      throw new AssertionError("after the choices " + taken, e);
    }
  }

  private static Manifest manifest(Epoch epoch, long checkpoint) {
    return new Manifest(JOB, "0123456789abcdef", epoch, 1, checkpoint, 0, false, List.of());
  }
}
