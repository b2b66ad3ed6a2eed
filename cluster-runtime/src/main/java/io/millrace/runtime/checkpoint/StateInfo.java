package io.millrace.runtime.checkpoint;

import io.millrace.api.type.Shape;
import java.util.Objects;
import java.util.Optional;

/**
 * What is told of one state of an operator's subtask without reading it.
 *
 * @param types what it holds, as the types are called
 * @param entries keys for keyed state, elements for others; -1 if nobody has counted them, as in
 *     files of RocksDB
 * @param form more of it; empty in checkpoints of earlier builds
 */
public record StateInfo(String name, Kind kind, String types, long entries, Optional<Form> form) {
  public StateInfo {
    Objects.requireNonNull(name);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(types);
    Objects.requireNonNull(form);
  }

  /** Of which no more is known. */
  public StateInfo(String name, Kind kind, String types, long entries) {
    this(name, kind, types, entries, Optional.empty());
  }

  /**
   * What it is made of.
   *
   * @param shape of what it holds
   * @param keys of the keys that it is under; empty if it belongs to none
   * @param expires whether its values have a time to live
   * @param bytes that it takes; -1 if that is not known
   */
  public record Form(Shape shape, Optional<Shape> keys, boolean expires, long bytes) {
    public Form {
      Objects.requireNonNull(shape);
      Objects.requireNonNull(keys);
    }
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

    /** Whether it is divided by the keys that it is under. */
    public boolean keyed() {
      return this == VALUE || this == LIST || this == MAP || this == TIMERS;
    }
  }

  /** Without the shapes, for those who only divide it. */
  public StateInfo brief() {
    return new StateInfo(name, kind, types, entries);
  }
}
