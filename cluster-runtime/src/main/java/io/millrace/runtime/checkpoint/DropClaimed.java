package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Deletes checkpoints of an ended job, or a savepoint, that another job has taken over and does not
 * need any more; comes to the number of files deleted. First their manifests are renamed, so that
 * nobody starts from what is about to go; then state files go that no other manifest names. If
 * another manifest cannot be read, no state file is deleted. Of a savepoint that goes whole its
 * directory goes, too, unless it holds what somebody else has put there. May be repeated.
 */
public final class DropClaimed extends Steps<Integer> {
  private final OptionalLong wanted;
  private final List<String> dropped = new ArrayList<>();
  private final List<String> kept = new ArrayList<>();
  private final List<String> epochs = new ArrayList<>();
  private boolean savepoint;

  /**
   * @param wanted the one checkpoint; empty for all there are
   */
  public DropClaimed(OptionalLong wanted) {
    this.wanted = wanted;
  }

  @Override
  public Step<Integer> start() {
    return list(
        JobDirectory.CLAIMS,
        claims -> {
          savepoint = claims.isEmpty(); // a job has claimed its folder
          return list(
              JobDirectory.EPOCHS,
              folders -> {
                folders.stream()
                    .filter(DurableNames.Entry::folder)
                    .forEach(entry -> epochs.add(JobDirectory.EPOCHS + "/" + entry.name()));
                return gather(0, new ArrayList<>());
              });
        });
  }

  private Step<Integer> gather(int index, List<String> toDrop) {
    if (index == epochs.size()) {
      return rename(toDrop, 0);
    }
    String folder = epochs.get(index);
    return list(
        folder,
        facts -> {
          for (DurableNames.Entry fact : facts) {
            OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
            String path = folder + "/" + fact.name();
            if (JobDirectory.droppedOf(fact.name()).isPresent()) {
              dropped.add(path); // by one that did not come to its end
            } else if (checkpoint.isPresent()) {
              (wanted.isEmpty() || wanted.equals(checkpoint) ? toDrop : kept).add(path);
            }
          }
          return gather(index + 1, toDrop);
        });
  }

  private Step<Integer> rename(List<String> toDrop, int index) {
    if (index == toDrop.size()) {
      return through(ReadManifests.toRestore(kept), this::deleteUnneeded);
    }
    String name = toDrop.get(index);
    int slash = name.lastIndexOf('/');
    String target = name.substring(0, slash + 1) + JobDirectory.dropped(name.substring(slash + 1));
    return move(
        name,
        target,
        name.substring(0, slash),
        moved -> {
          if (moved == Moved.DONE || moved == Moved.TARGET_PRESENT) {
            dropped.add(target);
          }
          return rename(toDrop, index + 1);
        });
  }

  private Step<Integer> deleteUnneeded(ReadManifests.Found others) {
    if (!others.damaged().isEmpty()) {
      return new Step.Done<>(0); // what that one needs is not known
    }
    var needed = new TreeSet<String>();
    others.intact().forEach(retained -> needed.addAll(retained.manifest().files()));
    return list(
        JobDirectory.DATA,
        files -> {
          var victims = new ArrayList<String>();
          for (DurableNames.Entry file : files) {
            String path = JobDirectory.DATA + "/" + file.name();
            if (!needed.contains(path)) {
              victims.add(path);
            }
          }
          victims.addAll(dropped);
          if (goesWhole()) {
            victims.addAll(List.of(JobDirectory.DATA, JobDirectory.TMP, JobDirectory.EPOCHS));
          }
          return delete(victims, 0);
        });
  }

  private Step<Integer> delete(List<String> victims, int index) {
    if (index == victims.size()) {
      return goesWhole()
          ? insist(new NameOp.RemoveDirectory(), outcome -> new Step.Done<>(victims.size()))
          : new Step.Done<>(victims.size());
    }
    return insist(new NameOp.Delete(victims.get(index)), outcome -> delete(victims, index + 1));
  }

  private boolean goesWhole() {
    return savepoint && kept.isEmpty();
  }
}
