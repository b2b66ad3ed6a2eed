package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.CleanUp;
import io.millrace.runtime.checkpoint.DamagedManifest;
import io.millrace.runtime.checkpoint.FencedDrop;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.RetainedManifest;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The job's own completed checkpoints, newest first, as far as this JobManager knows. */
final class RetainedCheckpoints {
  private final List<RetainedManifest> intact = new ArrayList<>();
  private final List<DamagedManifest> damaged = new ArrayList<>();
  private final TreeSet<Long> refused = new TreeSet<>();
  private final TreeSet<Long> refusedInherited = new TreeSet<>();
  private boolean inDoubt;

  /** A claim has shown what there is. */
  void replace(ClaimedJob claimed) {
    intact.clear();
    intact.addAll(claimed.manifests());
    damaged.clear();
    damaged.addAll(claimed.damaged());
    inDoubt = false;
  }

  void add(String name, Manifest manifest) {
    intact.add(0, new RetainedManifest(name, manifest));
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

  /** A TaskManager could not read back what the checkpoint holds. */
  void refuse(Origin origin) {
    (origin.inherited() ? refusedInherited : refused).add(origin.manifest().checkpoint());
  }

  /** Those that are newer are none any more. */
  void giveUpNewer(long than) {
    intact.removeIf(each -> each.manifest().checkpoint() > than);
    damaged.removeIf(each -> each.checkpoint() > than);
  }

  TreeSet<Long> refusedInherited() {
    return refusedInherited;
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
