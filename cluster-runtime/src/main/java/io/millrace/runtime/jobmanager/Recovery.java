package io.millrace.runtime.jobmanager;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Vertex;
import io.millrace.runtime.checkpoint.DamagedManifest;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.RetainedManifest;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.protocol.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * From which checkpoint to start. An older one than the newest only if no sink can have made
 * anything visible since, or if the user has asked for duplicates; nothing at all only if there
 * never was a checkpoint.
 */
final class Recovery {
  private static final String CHOICES =
      "; set "
          + JobSettings.RECOVERY_FALLBACK.key()
          + ": rollback to take that output back, or allow-duplicates to write it again";

  /** What was found. */
  sealed interface Choice {}

  /** There never was a checkpoint. */
  record FromNothing() implements Choice {}

  /**
   * @param note says so if it is not the newest
   * @param takeBack whether sinks have to take back what they have made visible since
   */
  record From(Origin origin, Optional<String> note, boolean takeBack) implements Choice {}

  record Impossible(Failure failure) implements Choice {}

  /**
   * @param intact newest first
   * @param damaged newest first
   * @param refused checkpoints that a TaskManager could not read back, and what it said
   */
  static Choice choose(
      JobPlan plan,
      String directory,
      List<RetainedManifest> intact,
      List<DamagedManifest> damaged,
      SortedMap<Long, String> refused,
      boolean inherited) {
    var bad = new ArrayList<String>();
    RetainedManifest chosen = null;
    boolean visibleSince = false;
    for (RetainedManifest retained : intact) {
      String refusal = refused.get(retained.manifest().checkpoint());
      if (refusal == null) {
        chosen = retained;
        break;
      }
      // The manifest says which checkpoint it is; what is damaged is another file.
      bad.add(
          directory + "/" + retained.name() + " (its state cannot be read back: " + refusal + ")");
    }
    long from = chosen == null ? -1 : chosen.manifest().checkpoint();
    for (RetainedManifest retained : intact) {
      if (retained.manifest().checkpoint() > from) {
        visibleSince |= commitsAfter(retained.manifest(), from, plan);
      }
    }
    for (DamagedManifest manifest : damaged) {
      if (manifest.checkpoint() > from) {
        bad.add(directory + "/" + manifest.name() + " (" + manifest.reason() + ")");
        visibleSince |= hasSinks(plan); // what it promised cannot be read any more
      }
    }

    if (bad.isEmpty()) {
      return chosen == null
          ? new FromNothing()
          : new From(origin(directory, chosen, inherited), Optional.empty(), false);
    }
    String damage = String.join(", ", bad);
    if (chosen == null) {
      return impossible("no intact checkpoint is left: " + damage);
    }
    String fallback = plan.settings().get(JobSettings.RECOVERY_FALLBACK);
    if (visibleSince && fallback.equals("fail")) {
      return impossible(
          "the newest checkpoint is damaged: "
              + damage
              + "; sinks have made output visible since checkpoint "
              + from
              + ", the newest intact one"
              + CHOICES);
    }
    return new From(
        origin(directory, chosen, inherited),
        Optional.of("restores checkpoint " + from + " because newer ones are damaged: " + damage),
        visibleSince && fallback.equals("rollback"));
  }

  /**
   * What the choice comes to if the job that took the checkpoint had gone back to it and got no
   * further: its sinks may have refused to take back what they had shown since.
   *
   * @param record the file that says so
   */
  static Choice owing(JobPlan plan, Choice choice, String record) {
    if (!(choice instanceof From from) || !hasSinks(plan)) {
      return choice;
    }
    String owed =
        "sinks may still show output that is newer than checkpoint "
            + from.origin().manifest().checkpoint()
            + " and that "
            + record
            + " says they take back";
    String fallback = plan.settings().get(JobSettings.RECOVERY_FALLBACK);
    if (fallback.equals("fail")) {
      return impossible(owed + CHOICES);
    }
    boolean takeBack = fallback.equals("rollback");
    String note = owed + (takeBack ? "; they are asked to do so now" : "; it is written once more");
    return new From(
        from.origin(), Optional.of(from.note().map(n -> n + "; " + note).orElse(note)), takeBack);
  }

  private static Origin origin(String directory, RetainedManifest chosen, boolean inherited) {
    Manifest manifest = chosen.manifest();
    String files = manifest.stopped().map(Stopped::savepoint).orElse(directory);
    return new Origin(files, directory + "/" + chosen.name(), manifest, inherited);
  }

  private static Impossible impossible(String message) {
    return new Impossible(Failure.unhealable(Failure.Kind.EXTERNAL, message));
  }

  private static boolean commitsAfter(Manifest manifest, long checkpoint, JobPlan plan) {
    for (SubtaskState state : manifest.states()) {
      if (state.committables().stream().anyMatch(c -> c.checkpoint() > checkpoint)) {
        return hasSinks(plan);
      }
    }
    return false;
  }

  private static boolean hasSinks(JobPlan plan) {
    return plan.vertices().stream().anyMatch(vertex -> vertex.role() == Vertex.Role.SINK);
  }

  private Recovery() {}
}
