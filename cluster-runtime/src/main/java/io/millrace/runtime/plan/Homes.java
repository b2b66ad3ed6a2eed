package io.millrace.runtime.plan;

import io.millrace.runtime.protocol.TaskManagerLocation;
import java.util.Optional;

/** Where subtasks ran before: those TaskManagers may have copies of their state on local disk. */
public interface Homes {
  Homes NONE = (chain, subtask) -> Optional.empty();

  Optional<TaskManagerLocation> of(int chain, int subtask);
}
