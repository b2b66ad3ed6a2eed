package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Deletes the state files that were made for a checkpoint which was given up before anybody tried
 * to write its manifest; comes to their number. Needs no fence, unlike {@link FencedDrop}: no
 * manifest will name them that does not do so already. What its parts share with other checkpoints
 * stays.
 */
public final class DropParts extends Steps<Integer> {
  private final List<String> files;

  /**
   * @param retained all manifests that are known: what seems to be given up may be a late word of a
   *     checkpoint that did complete, and that later ones have taken files over from
   */
  public DropParts(long checkpoint, Collection<SubtaskState> parts, Collection<Manifest> retained) {
    var names = new TreeSet<String>();
    parts.forEach(part -> names.addAll(part.files()));
    retained.forEach(manifest -> manifest.files().forEach(names::remove));
    names.removeIf(name -> !JobDirectory.isOfCheckpoint(name, checkpoint));
    this.files = new ArrayList<>(names);
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return files.isEmpty();
  }

  @Override
  public Step<Integer> start() {
    return delete(0);
  }

  private Step<Integer> delete(int index) {
    if (index == files.size()) {
      return new Step.Done<>(files.size());
    }
    return insist(new NameOp.Delete(files.get(index)), outcome -> delete(index + 1));
  }
}
