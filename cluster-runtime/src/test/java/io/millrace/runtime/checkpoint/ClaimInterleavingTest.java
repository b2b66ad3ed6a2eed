package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.util.ArrayList;
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

  /** A claimer that commits one checkpoint once it has claimed, or the commander of before. */
  private static final class Commander {
    final Epoch epoch;
    final long checkpoint;
    Procedure<?> procedure;
    Step<?> step;
    boolean crashed;
    boolean claimed;
    boolean committed;
    boolean ended;
    List<Long> restored = List.of();

    /** All that it has been told, which with its code says where it stands. */
    final StringBuilder heard = new StringBuilder();

    Commander(Epoch epoch, long checkpoint, boolean holdsAlready) {
      this.epoch = epoch;
      this.checkpoint = checkpoint;
      this.claimed = holdsAlready;
      begin(holdsAlready ? commit() : Claim.ofJob(epoch, "owner " + epoch, 0, Optional.empty()));
    }

    private void begin(Procedure<?> next) {
      procedure = next;
      step = next.start();
    }

    private Procedure<?> commit() {
      return WriteFact.manifest(epoch, manifest(epoch, checkpoint), checkpoint);
    }

    boolean canStep() {
      return !crashed && !ended && step instanceof Step.Do<?>;
    }

    /**
     * @param lostAck whether the operation has its effect but seems to fail
     */
    void step(DurableNames names, boolean lostAck) {
      Outcome outcome = ((Step.Do<?>) step).op().apply(names);
      heard.append(describe(lostAck ? new Outcome.Failed("lost") : outcome)).append(';');
      step = procedure.on(lostAck ? new Outcome.Failed("lost") : outcome);
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
  }

  /** One run, made again from the choices that lead to it. */
  private static final class Run {
    final MemoryNames names = new MemoryNames();
    final List<Commander> commanders = new ArrayList<>();
    boolean lostAckUsed;
    boolean crashUsed;
    Epoch highestRestored = Epoch.NONE;
    final Set<Long> promised = new HashSet<>();

    Run(boolean withOldCommander) {
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

    /** Two runs with the same position go on alike, whatever led to them. */
    String position() {
      var position = new StringBuilder();
      for (String folder : List.of("", "claims", "epochs", "tmp")) {
        for (DurableNames.Entry entry : names.list(folder)) {
          position.append(entry.name()).append(names.list(folder + "/" + entry.name()));
        }
      }
      position.append(lostAckUsed).append(crashUsed);
      for (Commander commander : commanders) {
        position.append('|').append(commander.crashed).append(commander.heard);
      }
      return position.toString();
    }

    /** A choice: commander × 3 + (0 step, 1 step with its acknowledgement lost, 2 crash). */
    List<Integer> choices() {
      var choices = new ArrayList<Integer>();
      for (int index = 0; index < commanders.size(); index++) {
        Commander commander = commanders.get(index);
        if (commander.canStep()) {
          choices.add(index * 3);
          NameOp op = ((Step.Do<?>) commander.step).op();
          boolean changes = !(op instanceof NameOp.ListFolder) && !(op instanceof NameOp.Read);
          if (changes && !lostAckUsed) {
            choices.add(index * 3 + 1);
          }
          if (changes && !crashUsed && !lostAckUsed) {
            choices.add(index * 3 + 2);
          }
        }
      }
      return choices;
    }

    void take(int choice) {
      Commander commander = commanders.get(choice / 3);
      boolean claimedBefore = commander.claimed;
      switch (choice % 3) {
        case 0 -> commander.step(names, false);
        case 1 -> {
          lostAckUsed = true;
          commander.step(names, true);
        }
        default -> {
          crashUsed = true;
          commander.crashed = true;
        }
      }
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
      assertThat(commanders)
          .filteredOn(commander -> !commander.crashed)
          .allMatch(commander -> commander.ended);
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
    var prefix = new ArrayList<Integer>();
    var alternatives = new ArrayList<List<Integer>>();
    var positions = new HashSet<String>();
    while (true) {
      var run = new Run(withOldCommander);
      boolean known = false;
      for (int depth = 0; ; depth++) {
        known = depth == prefix.size() && !positions.add(run.position());
        List<Integer> choices = run.choices();
        if (known || choices.isEmpty()) {
          break;
        }
        if (depth == prefix.size()) {
          prefix.add(choices.get(0));
          alternatives.add(new ArrayList<>(choices.subList(1, choices.size())));
        }
        try {
          run.take(prefix.get(depth));
        } catch (AssertionError e) {
          throw new AssertionError("after the choices " + prefix, e);
        }
      }
      try {
        if (!known) {
          run.checkEnd();
        }
      } catch (AssertionError e) {
        throw new AssertionError("after the choices " + prefix, e);
      }
      while (!prefix.isEmpty() && alternatives.get(prefix.size() - 1).isEmpty()) {
        alternatives.remove(prefix.size() - 1);
        prefix.remove(prefix.size() - 1);
      }
      if (prefix.isEmpty()) {
        return positions.size();
      }
      int last = prefix.size() - 1;
      prefix.set(last, alternatives.get(last).remove(0));
    }
  }

  private static String describe(Outcome outcome) {
    return outcome instanceof Outcome.Content content
        ? "content " + java.util.Arrays.hashCode(content.bytes())
        : outcome.toString();
  }

  private static Manifest manifest(Epoch epoch, long checkpoint) {
    return new Manifest(JOB, "0123456789abcdef", epoch, 1, checkpoint, 0, false, List.of());
  }
}
