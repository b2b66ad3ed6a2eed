package io.millrace.runtime.protocol;

import io.millrace.runtime.checkpoint.SubtaskState;
import java.util.List;

/** Something that happened to an attempt, once. */
public sealed interface Report {
  AttemptId attempt();

  /** State is restored and operators are open. */
  record Running(AttemptId attempt) implements Report {}

  /** The attempt's part of a checkpoint is durable, or small enough to stand in the manifest. */
  record CheckpointAcked(AttemptId attempt, long checkpoint, List<SubtaskState> state)
      implements Report {
    public CheckpointAcked {
      state = List.copyOf(state);
    }
  }

  /** The attempt's part of a checkpoint could not be made durable; the attempt runs on. */
  record CheckpointDeclined(AttemptId attempt, long checkpoint, String reason) implements Report {}

  /** All input is read and all output emitted. */
  record EndOfData(AttemptId attempt) implements Report {}

  /** The sinks of the attempt have committed everything up to this checkpoint. */
  record Committed(AttemptId attempt, long checkpoint) implements Report {}

  /** The attempt has ended as told: cancelled, or finished after the last checkpoint. */
  record Ended(AttemptId attempt) implements Report {}

  /** The attempt has ended by itself. */
  record Failed(AttemptId attempt, Failure failure) implements Report {}

  /** The attempt has ended because its state could not be read back as it was written. */
  record RestoreFailed(AttemptId attempt, String manifest, Failure failure) implements Report {}
}
