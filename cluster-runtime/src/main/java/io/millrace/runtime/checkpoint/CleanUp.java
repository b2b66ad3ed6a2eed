package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Deletes what earlier epochs left behind and nothing needs; comes to the number of names deleted.
 * Only after a claim, only names of lower epochs, and only after the claimer has written its own
 * deployment record or result, because the older one goes with its sealed folder.
 */
public final class CleanUp extends Steps<Integer> {
  private final Epoch mine;
  private final TreeSet<String> needed = new TreeSet<>();
  private final List<String> victims = new ArrayList<>();

  /**
   * @param kept all manifests that are retained
   */
  public CleanUp(Epoch mine, List<Manifest> kept) {
    this.mine = mine;
    kept.forEach(manifest -> needed.addAll(manifest.files()));
  }

  @Override
  public Step<Integer> start() {
    return list(
        JobDirectory.EPOCHS,
        epochs -> {
          if (!JobDirectory.contains(epochs, JobDirectory.open(mine))) {
            return new Step.Done<>(0); // fenced
          }
          for (DurableNames.Entry entry : epochs) {
            if (JobDirectory.sealerOf(entry.name()).isPresent()) {
              addIfLower(JobDirectory.EPOCHS, entry.name());
            }
          }
          return gather(List.of(JobDirectory.DATA, JobDirectory.TMP, JobDirectory.CLAIMS));
        });
  }

  private Step<Integer> gather(List<String> folders) {
    if (folders.isEmpty()) {
      return delete(0);
    }
    return list(
        folders.get(0),
        entries -> {
          entries.forEach(entry -> addIfLower(folders.get(0), entry.name()));
          return gather(folders.subList(1, folders.size()));
        });
  }

  private void addIfLower(String folder, String name) {
    String path = folder + "/" + name;
    boolean lower = JobDirectory.epochOf(name).filter(e -> e.compareTo(mine) < 0).isPresent();
    if (lower && !needed.contains(path)) {
      victims.add(path);
    }
  }

  private Step<Integer> delete(int index) {
    if (index == victims.size()) {
      return new Step.Done<>(victims.size());
    }
    return insist(new NameOp.Delete(victims.get(index)), outcome -> delete(index + 1));
  }
}
