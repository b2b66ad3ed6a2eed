package io.millrace.runtime.checkpoint;

import java.util.Objects;

/**
 * What is told of one state of an operator's subtask without reading it.
 *
 * @param types what it holds, as the types are called
 * @param entries keys for keyed state, elements for others
 */
public record StateInfo(String name, Kind kind, String types, long entries) {
  public StateInfo {
    Objects.requireNonNull(name);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(types);
  }

  /** How it is kept, and so how it is divided at a restore. */
  public enum Kind {
    VALUE,
    LIST,
    MAP,
    TIMERS,
    SPLIT_LIST,
    UNION_LIST,
    BROADCAST_MAP;

    /** Whether every subtask needs what all subtasks have left. */
    public boolean wantedByAll() {
      return this == UNION_LIST;
    }
  }
}
