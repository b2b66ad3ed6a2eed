package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Reads the checkpoints of another job without claiming it: all of them, or the one that a path
 * names. Looks in every epoch's folder, since a claim moves manifests from one to the next.
 */
public final class FindCheckpoint extends Steps<FindCheckpoint.Found> {
  private final OptionalLong wanted;
  private final List<String> rollbacks = new ArrayList<>();
  private long highest;

  /**
   * Both newest first.
   *
   * @param highest id of a checkpoint of the job, asked for or not, given up or not; 0 if there is
   *     none
   */
  public record Found(List<RetainedManifest> intact, List<DamagedManifest> damaged, long highest) {
    public Found {
      intact = List.copyOf(intact);
      damaged = List.copyOf(damaged);
    }
  }

  /**
   * A path that a user gave, taken apart.
   *
   * @param directory of the job
   * @param checkpoint the one that is named; empty for the newest
   */
  public record Place(String directory, OptionalLong checkpoint) {
    /** Of a manifest's path or that of a job's directory. */
    public static Place of(String path) {
      String trimmed = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
      int slash = trimmed.lastIndexOf('/');
      OptionalLong checkpoint = JobDirectory.checkpointOf(trimmed.substring(slash + 1));
      int epochs = trimmed.lastIndexOf("/" + JobDirectory.EPOCHS + "/");
      return checkpoint.isPresent() && epochs > 0
          ? new Place(trimmed.substring(0, epochs), checkpoint)
          : new Place(trimmed, OptionalLong.empty());
    }
  }

  public FindCheckpoint(OptionalLong wanted) {
    this.wanted = wanted;
  }

  @Override
  public Step<Found> start() {
    return list(
        JobDirectory.EPOCHS,
        epochs ->
            gather(
                epochs.stream()
                    .filter(DurableNames.Entry::folder)
                    .map(entry -> JobDirectory.EPOCHS + "/" + entry.name())
                    .toList(),
                new ArrayList<>()));
  }

  private Step<Found> gather(List<String> folders, List<String> manifests) {
    if (folders.isEmpty()) {
      return readRollbacks(
          () ->
              through(
                  ReadManifests.toRestore(manifests),
                  found -> new Step.Done<>(new Found(found.intact(), found.damaged(), highest))));
    }
    return list(
        folders.get(0),
        facts -> {
          for (DurableNames.Entry fact : facts) {
            OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
            highest = Math.max(highest, checkpoint.orElse(0));
            highest = Math.max(highest, JobDirectory.droppedOf(fact.name()).orElse(0));
            if (JobDirectory.rollbackOf(fact.name()).isPresent()) {
              rollbacks.add(folders.get(0) + "/" + fact.name());
            }
            if (checkpoint.isPresent() && (wanted.isEmpty() || wanted.equals(checkpoint))) {
              manifests.add(folders.get(0) + "/" + fact.name());
            }
          }
          return gather(folders.subList(1, folders.size()), manifests);
        });
  }

  /** What sinks have taken back had numbers, too, of which nothing else may be left. */
  private Step<Found> readRollbacks(Supplier<Step<Found>> then) {
    if (rollbacks.isEmpty()) {
      return then.get();
    }
    String name = rollbacks.remove(rollbacks.size() - 1);
    return read(
        name,
        content -> {
          try {
            if (content.isPresent()) { // else a claimer has just moved it on
              highest = Math.max(highest, Facts.decode(Rollback.class, content.get()).upTo());
            }
          } catch (DamagedFactException e) {
            return new Step.Failed<>(name + " " + e.getMessage() + Rollback.IF_DAMAGED);
          }
          return readRollbacks(then);
        });
  }
}
