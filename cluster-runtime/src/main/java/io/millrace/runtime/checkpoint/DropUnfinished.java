package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Deletes what an ended job whose checkpoints stay has left beside them: above all the state files
 * of checkpoints that it did not complete, of which nobody else would ever learn. To be called once
 * the result is durable in the own epoch, because then no manifest comes any more; comes to whether
 * it was.
 */
public final class DropUnfinished extends Steps<Boolean> {
  private final Epoch mine;
  private final List<Manifest> kept;

  /**
   * @param kept all manifests that stay and can be read
   */
  public DropUnfinished(Epoch mine, List<Manifest> kept) {
    this.mine = mine;
    this.kept = List.copyOf(kept);
  }

  @Override
  public Step<Boolean> start() {
    return list(
        JobDirectory.open(mine),
        facts -> {
          if (!JobDirectory.contains(facts, JobDirectory.inEpoch(mine, JobDirectory.RESULT))) {
            return new Step.Done<>(false);
          }
          if (facts.stream().anyMatch(this::isUnknown)) {
            return new Step.Done<>(false);
          }
          var needed = new TreeSet<String>();
          kept.forEach(manifest -> needed.addAll(manifest.files()));
          return gather(List.of(JobDirectory.DATA, JobDirectory.TMP), 0, needed, new ArrayList<>());
        });
  }

  /** A manifest that came although its writing failed: what it names must stay, too. */
  private boolean isUnknown(DurableNames.Entry fact) {
    OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
    return checkpoint.isPresent()
        && kept.stream().noneMatch(each -> each.checkpoint() == checkpoint.getAsLong());
  }

  private Step<Boolean> gather(
      List<String> folders, int index, TreeSet<String> needed, List<String> victims) {
    if (index == folders.size()) {
      return delete(victims, 0);
    }
    return list(
        folders.get(index),
        entries -> {
          for (DurableNames.Entry entry : entries) {
            String path = folders.get(index) + "/" + entry.name();
            if (!needed.contains(path)) {
              victims.add(path);
            }
          }
          return gather(folders, index + 1, needed, victims);
        });
  }

  private Step<Boolean> delete(List<String> victims, int index) {
    if (index == victims.size()) {
      return through(new CleanUp(mine, kept), deleted -> new Step.Done<>(true));
    }
    return insist(new NameOp.Delete(victims.get(index)), outcome -> delete(victims, index + 1));
  }
}
