package io.millrace.api.operator;

import io.millrace.api.type.Shape;
import java.util.List;
import java.util.Objects;

/**
 * A named state of an operator that belongs to no key, in bytes.
 *
 * @param types what an element is made of, as the types are called
 * @param shape of what an element is made of
 * @param elements each can be read by itself
 */
public record OperatorState(
    String name, Mode mode, String types, Shape shape, List<byte[]> elements) {
  public OperatorState {
    Objects.requireNonNull(name);
    Objects.requireNonNull(mode);
    Objects.requireNonNull(types);
    Objects.requireNonNull(shape);
    elements = List.copyOf(elements);
  }

  /** Who gets which elements at a restore. */
  public enum Mode {
    /** Each element goes to one subtask. */
    SPLIT,
    /** Every subtask gets all elements of all subtasks. */
    UNION,
    /** All subtasks hold the same; every subtask gets it once. */
    BROADCAST
  }
}
