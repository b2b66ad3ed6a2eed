package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.CleanUp;
import io.millrace.runtime.checkpoint.DamagedManifest;
import io.millrace.runtime.checkpoint.DropUnfinished;
import io.millrace.runtime.checkpoint.FencedDrop;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.RetainedManifest;
import io.millrace.runtime.checkpoint.Rollback;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** The job's own completed checkpoints, newest first, as far as this JobManager knows. */
final class RetainedCheckpoints {
  private final List<RetainedManifest> intact = new ArrayList<>();
  private final List<DamagedManifest> damaged = new ArrayList<>();
  private final TreeMap<Long, String> refused = new TreeMap<>();
  private final TreeMap<Long, String> refusedInherited = new TreeMap<>();
  private Optional<Rollback> rollback = Optional.empty();
  private boolean inDoubt;

  /** A claim has shown what there is. */
  void replace(ClaimedJob claimed) {
    intact.clear();
    intact.addAll(claimed.manifests());
    damaged.clear();
    damaged.addAll(claimed.damaged());
    rollback = claimed.rollback();
    rollback.ifPresent(this::forget);
    inDoubt = false;
  }

  void add(String name, Manifest manifest) {
    intact.add(0, new RetainedManifest(name, manifest));
  }

  boolean isEmpty() {
    return intact.isEmpty() && damaged.isEmpty();
  }

  boolean holds(long checkpoint) {
    return intact.stream().anyMatch(each -> each.manifest().checkpoint() == checkpoint);
  }

  /**
   * A file that the checkpoint shares with none of these and that was not made for it. Whoever
   * wrote that part builds on a checkpoint that it missed the end of: the file may be deleted by
   * the time that somebody wants to restore it.
   */
  Optional<String> fileOfNoneIn(Manifest manifest) {
    var known = new TreeSet<String>();
    intact.forEach(each -> known.addAll(each.manifest().files()));
    return manifest.files().stream()
        .filter(file -> !manifest.isOwn(file) && !known.contains(file))
        .findFirst();
  }

  /** A manifest may or may not have become durable. */
  void doubt() {
    inDoubt = true;
  }

  boolean inDoubt() {
    return inDoubt;
  }

  /**
   * A TaskManager could not read back what the checkpoint holds.
   *
   * @param reason names the file that is damaged
   */
  void refuse(Origin origin, String reason) {
    (origin.inherited() ? refusedInherited : refused).put(origin.manifest().checkpoint(), reason);
  }

  /**
   * How going back is said, for good.
   *
   * @param generation that was deployed last
   */
  Rollback rollback(Origin origin, long upTo, int generation) {
    int number = rollback.map(Rollback::number).orElse(0) + 1;
    return new Rollback(
        number, origin.inherited(), origin.manifest().checkpoint(), upTo, generation);
  }

  /** That is durable now. */
  void wentBack(Rollback said) {
    rollback = Optional.of(said);
    forget(said);
  }

  private void forget(Rollback said) {
    intact.removeIf(each -> said.givesUp(false, each.manifest().checkpoint()));
    damaged.removeIf(each -> said.givesUp(false, each.checkpoint()));
  }

  /**
   * Up to where sinks have to take back what they have shown since the checkpoint, if the job went
   * back to it before: they may have been interrupted, or never begun.
   */
  Optional<Long> owedUpTo(Origin origin) {
    return rollback
        .filter(
            said ->
                said.inherited() == origin.inherited()
                    && said.to() == origin.manifest().checkpoint())
        .map(Rollback::upTo);
  }

  /** The same where the job ends instead. */
  Optional<Effect.TakeBack> owedAtTheEnd() {
    return newest()
        .flatMap(
            to ->
                rollback
                    .filter(said -> said.isOwed(to.checkpoint()))
                    .map(said -> new Effect.TakeBack(to, said.upTo())));
  }

  /** Among the checkpoints of another job. */
  Recovery.Choice choose(JobPlan plan, String directory, FindCheckpoint.Found found) {
    Recovery.Choice choice =
        Recovery.choose(
            plan,
            directory,
            found.intact().stream()
                .filter(each -> !givenUpInherited(each.manifest().checkpoint()))
                .toList(),
            found.damaged().stream().filter(each -> !givenUpInherited(each.checkpoint())).toList(),
            refusedInherited,
            true);
    return found.owed().isPresent()
        ? Recovery.owing(plan, choice, directory + "/" + found.owed().get())
        : choice;
  }

  private boolean givenUpInherited(long checkpoint) {
    return rollback.filter(said -> said.givesUp(true, checkpoint)).isPresent();
  }

  Recovery.Choice choose(JobPlan plan, String directory) {
    return Recovery.choose(plan, directory, intact, damaged, refused, false);
  }

  /** All that can be restored, newest first. */
  List<Manifest> manifests() {
    return intact.stream().map(RetainedManifest::manifest).toList();
  }

  /** The newest whose promises can be read, whether or not its state can. */
  Optional<Manifest> newest() {
    return intact.stream().findFirst().map(RetainedManifest::manifest);
  }

  /** Id of the newest, damaged or not; 0 if there is none. */
  long newestId() {
    return Math.max(
        intact.isEmpty() ? 0 : intact.get(0).manifest().checkpoint(),
        damaged.isEmpty() ? 0 : damaged.get(0).checkpoint());
  }

  /** Whether no newer one than {@link #newest} is damaged. */
  boolean newestIsIntact() {
    return damaged.isEmpty()
        || !intact.isEmpty() && damaged.get(0).checkpoint() < intact.get(0).manifest().checkpoint();
  }

  Optional<String> newestPath(String directory) {
    return intact.stream().findFirst().map(retained -> directory + "/" + retained.name());
  }

  Procedure<Integer> cleanUp(Epoch epoch) {
    return new CleanUp(epoch, manifests());
  }

  /**
   * For the end of a job whose checkpoints stay; empty if it is not known of all of them what they
   * need.
   */
  Optional<Procedure<Boolean>> dropUnfinished(Epoch epoch) {
    return damaged.isEmpty()
        ? Optional.of(new DropUnfinished(epoch, manifests()))
        : Optional.empty();
  }

  /** Forgets the oldest beyond so many and says how to delete them. */
  List<Procedure<Boolean>> dropBeyond(int count, Epoch epoch) {
    var drops = new ArrayList<Procedure<Boolean>>();
    while (intact.size() > count) {
      Manifest victim = intact.remove(intact.size() - 1).manifest();
      drops.add(new FencedDrop(epoch, victim, manifests()));
    }
    return drops;
  }
}
