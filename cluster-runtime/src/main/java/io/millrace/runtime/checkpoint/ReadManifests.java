package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads manifests, newest first, and checks each with the lengths of the files it names. */
final class ReadManifests extends Steps<ReadManifests.Found> {
  private final List<String> names;
  private final boolean toRestore;
  private StateFiles files = new StateFiles(List.of());
  private final List<RetainedManifest> intact = new ArrayList<>();
  private final List<DamagedManifest> damaged = new ArrayList<>();

  /**
   * Both newest first.
   *
   * @param checkpoint highest that a manifest is named after, 0 if there is none
   */
  record Found(List<RetainedManifest> intact, List<DamagedManifest> damaged, long checkpoint) {}

  /**
   * Of manifests that a job is to start from.
   *
   * @param names relative to the job's directory
   */
  static ReadManifests toRestore(List<String> names) {
    return new ReadManifests(names, true);
  }

  /**
   * Of the job's own manifests. Whoever finds the last one only has to keep what it promised:
   * nothing is restored from it, and the files that it names do not matter.
   *
   * @param names relative to the job's directory
   */
  static ReadManifests ofOwn(List<String> names) {
    return new ReadManifests(names, false);
  }

  private ReadManifests(List<String> names, boolean toRestore) {
    this.toRestore = toRestore;
    this.names =
        names.stream().sorted((a, b) -> Long.compare(checkpointOf(b), checkpointOf(a))).toList();
  }

  @Override
  public Step<Found> start() {
    return list(
        JobDirectory.DATA,
        found -> {
          files = new StateFiles(found);
          return readFrom(0);
        });
  }

  private Step<Found> readFrom(int index) {
    if (index == names.size()) {
      long highest = names.isEmpty() ? 0 : checkpointOf(names.get(0));
      return new Step.Done<>(new Found(intact, damaged, highest));
    }
    String name = names.get(index);
    return read(
        name,
        content -> {
          check(name, content);
          return readFrom(index + 1);
        });
  }

  private void check(String name, Optional<byte[]> content) {
    try {
      if (content.isEmpty()) {
        throw new DamagedFactException(DamagedFactException.Damage.LENGTH, "is gone");
      }
      Manifest manifest = Facts.decode(Manifest.class, content.get());
      if (manifest.checkpoint() != checkpointOf(name)) {
        throw new DamagedFactException(
            DamagedFactException.Damage.CONTENT, "is of checkpoint " + manifest.checkpoint());
      }
      // Those of a stopped job are in its savepoint, and read from there.
      boolean unneeded = manifest.stopped().isPresent() || manifest.last() && !toRestore;
      if (!unneeded) {
        files.check(manifest);
      }
      intact.add(new RetainedManifest(name, manifest));
    } catch (DamagedFactException e) {
      damaged.add(new DamagedManifest(name, checkpointOf(name), e.getMessage()));
    }
  }

  private static long checkpointOf(String name) {
    return JobDirectory.checkpointOf(JobDirectory.last(name)).orElse(-1);
  }
}
