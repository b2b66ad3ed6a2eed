package io.millrace.runtime.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Reads the checkpoints of another job without claiming it: all of them, or the one that a path
 * names. Looks in every epoch's folder, since a claim moves manifests from one to the next.
 */
public final class FindCheckpoint extends Steps<FindCheckpoint.Found> {
  private final OptionalLong wanted;
  private final List<String> rollbacks = new ArrayList<>();
  private Optional<Rollback> rollback = Optional.empty();
  private String rollbackName = "";
  private long highest;

  /**
   * Both newest first, without those that the job has given up.
   *
   * @param highest id of a checkpoint of the job, asked for or not, given up or not; 0 if there is
   *     none
   * @param owed the file which says that the job went back to its newest checkpoint, if that was
   *     asked for: nobody knows whether its sinks have taken back what they had shown since
   */
  public record Found(
      List<RetainedManifest> intact,
      List<DamagedManifest> damaged,
      long highest,
      Optional<String> owed) {
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
      return readRollbacks(() -> readManifests(manifests));
    }
    return list(
        folders.get(0),
        facts -> {
          for (DurableNames.Entry fact : facts) {
            String path = folders.get(0) + "/" + fact.name();
            OptionalLong checkpoint = JobDirectory.checkpointOf(fact.name());
            highest = Math.max(highest, checkpoint.orElse(0));
            highest = Math.max(highest, JobDirectory.droppedOf(fact.name()).orElse(0));
            if (JobDirectory.rollbackOf(fact.name()).isPresent()) {
              rollbacks.add(path);
            }
            if (checkpoint.isPresent()) {
              manifests.add(path);
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
          if (content.isEmpty()) { // a claimer has just moved it on
            rollbacks.clear();
            return start();
          }
          try {
            enter(name, Facts.decode(Rollback.class, content.get()));
          } catch (DamagedFactException e) {
            return new Step.Failed<>(name + " " + e.getMessage() + Rollback.IF_DAMAGED);
          }
          return readRollbacks(then);
        });
  }

  private void enter(String name, Rollback said) {
    highest = Math.max(highest, said.upTo());
    if (rollback.isEmpty() || rollback.get().number() <= said.number()) {
      rollback = Optional.of(said);
      rollbackName = name;
    }
  }

  private Step<Found> readManifests(List<String> all) {
    long newest = 0;
    var manifests = new ArrayList<String>();
    for (String name : all) {
      long checkpoint = idOf(name);
      // Whoever was to take their names away may not have come to it.
      if (rollback.isEmpty() || !rollback.get().givesUp(false, checkpoint)) {
        newest = Math.max(newest, checkpoint);
        if (wanted.isEmpty() || wanted.getAsLong() == checkpoint) {
          manifests.add(name);
        }
      }
    }
    boolean owes =
        rollback.isPresent()
            && rollback.get().isOwed(newest)
            && (wanted.isEmpty() || wanted.getAsLong() == newest);
    Optional<String> owed = owes ? Optional.of(rollbackName) : Optional.empty();
    return through(
        ReadManifests.toRestore(manifests),
        found -> new Step.Done<>(new Found(found.intact(), found.damaged(), highest, owed)));
  }

  private static long idOf(String manifest) {
    return JobDirectory.checkpointOf(JobDirectory.last(manifest)).orElseThrow();
  }
}
