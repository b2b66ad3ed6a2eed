package io.millrace.runtime.checkpoint;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A completed checkpoint. The small file that holds it is what makes it complete.
 *
 * @param generation of the region when it was taken
 * @param epoch that committed it
 * @param last whether it was taken after the end of all input, or where the job was stopped
 * @param stopped present if a user stopped the job there
 * @param operators all of the job, those without state too; none in checkpoints of earlier builds
 */
public record Manifest(
    JobId job,
    String lineage,
    Epoch epoch,
    int generation,
    long checkpoint,
    long wallMillis,
    boolean last,
    List<SubtaskState> states,
    Optional<Stopped> stopped,
    List<NamedOperator> operators)
    implements Fact {
  public Manifest {
    states = List.copyOf(states);
    operators = List.copyOf(operators);
    Objects.requireNonNull(stopped);
    // Folders are named after it, and who resumes from somebody's checkpoint takes it over.
    if (!lineage.matches("[0-9a-f]{16,64}")) {
      throw new IllegalArgumentException("a lineage is 16 to 64 hex digits, found " + lineage);
    }
  }

  /** Of a job that nobody stopped. */
  public Manifest(
      JobId job,
      String lineage,
      Epoch epoch,
      int generation,
      long checkpoint,
      long wallMillis,
      boolean last,
      List<SubtaskState> states) {
    this(job, lineage, epoch, generation, checkpoint, wallMillis, last, states, Optional.empty());
  }

  /** Of which nobody says what the operators are called. */
  public Manifest(
      JobId job,
      String lineage,
      Epoch epoch,
      int generation,
      long checkpoint,
      long wallMillis,
      boolean last,
      List<SubtaskState> states,
      Optional<Stopped> stopped) {
    this(job, lineage, epoch, generation, checkpoint, wallMillis, last, states, stopped, List.of());
  }

  /** What the accumulators of all subtasks had come to. */
  public List<AccumulatorState> accumulators() {
    return states.stream().flatMap(state -> state.accumulators().stream()).toList();
  }

  /** Whether a state file was made for this very checkpoint. */
  public boolean isOwn(String stateFile) {
    return JobDirectory.isOfCheckpoint(stateFile, checkpoint);
  }

  /**
   * Names of the state files it needs in the job's directory, relative to it, without repetition;
   * none if all of them are in a savepoint.
   */
  public List<String> files() {
    if (stopped.isPresent()) {
      return List.of();
    }
    var files = new TreeSet<String>();
    states.forEach(state -> files.addAll(state.files()));
    return List.copyOf(files);
  }
}
