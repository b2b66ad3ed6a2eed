package io.millrace.runtime.protocol;

import io.millrace.runtime.checkpoint.SubtaskState;
import java.util.List;
import java.util.Objects;

/** Something that happened to an attempt, once. */
public sealed interface Report {
  AttemptId attempt();

  /** State is restored and operators are open. */
  record Running(AttemptId attempt) implements Report {
    public Running {
      Objects.requireNonNull(attempt);
    }
  }

  /** The attempt's part of a checkpoint is durable, or small enough to stand in the manifest. */
  record CheckpointAcked(AttemptId attempt, long checkpoint, List<SubtaskState> state)
      implements Report {
    public CheckpointAcked {
      Objects.requireNonNull(attempt);
      state = List.copyOf(state);
    }
  }

  /** The attempt's part of a checkpoint could not be made durable; the attempt runs on. */
  record CheckpointDeclined(AttemptId attempt, long checkpoint, String reason) implements Report {
    public CheckpointDeclined {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(reason);
    }
  }

  /** All input is read and all output emitted. */
  record EndOfData(AttemptId attempt) implements Report {
    public EndOfData {
      Objects.requireNonNull(attempt);
    }
  }

  /** The sinks of the attempt have committed everything up to this checkpoint. */
  record Committed(AttemptId attempt, long checkpoint) implements Report {
    public Committed {
      Objects.requireNonNull(attempt);
    }
  }

  /** The attempt has ended as told: cancelled, or finished after the last checkpoint. */
  record Ended(AttemptId attempt) implements Report {
    public Ended {
      Objects.requireNonNull(attempt);
    }
  }

  /** The attempt has ended by itself. */
  record Failed(AttemptId attempt, Failure failure) implements Report {
    public Failed {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(failure);
    }
  }

  /** The attempt has ended because its state could not be read back as it was written. */
  record RestoreFailed(AttemptId attempt, String manifest, Failure failure) implements Report {
    public RestoreFailed {
      Objects.requireNonNull(attempt);
      Objects.requireNonNull(manifest);
      Objects.requireNonNull(failure);
    }
  }
}
