package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives up a retained checkpoint: first takes its name away inside the own open epoch, which only
 * the owner can, then deletes the files that nothing else names. Comes to false if it was fenced
 * and so deleted nothing.
 */
public final class FencedDrop extends Steps<Boolean> {
  private final Epoch epoch;
  private final String name;
  private final String dropped;
  private final List<String> files;

  /**
   * @param kept all manifests that stay
   */
  public FencedDrop(Epoch epoch, Manifest victim, List<Manifest> kept) {
    this.epoch = epoch;
    String file = JobDirectory.manifest(victim.checkpoint());
    this.name = JobDirectory.inEpoch(epoch, file);
    this.dropped = JobDirectory.inEpoch(epoch, JobDirectory.dropped(file));
    this.files = new ArrayList<>(victim.files());
    kept.forEach(manifest -> files.removeAll(manifest.files()));
    files.add(dropped);
  }

  @Override
  public Step<Boolean> start() {
    return move(
        name,
        dropped,
        JobDirectory.open(epoch),
        moved ->
            switch (moved) {
              case DONE, TARGET_PRESENT -> delete(0);
              case FENCED -> new Step.Done<>(false);
              case SOURCE_GONE -> new Step.Done<>(true);
            });
  }

  private Step<Boolean> delete(int index) {
    if (index == files.size()) {
      return new Step.Done<>(true);
    }
    return insist(new NameOp.Delete(files.get(index)), outcome -> delete(index + 1));
  }
}
