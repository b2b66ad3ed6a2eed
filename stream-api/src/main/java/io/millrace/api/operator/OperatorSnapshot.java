package io.millrace.api.operator;

import java.util.List;

/**
 * An operator's own state in bytes.
 *
 * @param entries opaque to the engine; given back to the restored operator in this order, to any of
 *     its subtasks if its parallelism is another one then
 * @param committables output that waits for a checkpoint, all that is not known to be committed,
 *     also of aborted checkpoints
 * @param states named states that belong to no key
 */
public record OperatorSnapshot(
    List<byte[]> entries, List<Committable> committables, List<OperatorState> states) {
  public static final OperatorSnapshot EMPTY =
      new OperatorSnapshot(List.of(), List.of(), List.of());

  public OperatorSnapshot {
    entries = List.copyOf(entries);
    committables = List.copyOf(committables);
    states = List.copyOf(states);
  }

  /** Without named states. */
  public OperatorSnapshot(List<byte[]> entries, List<Committable> committables) {
    this(entries, committables, List.of());
  }

  /**
   * Output that becomes visible when the checkpoint that covers it is durable.
   *
   * @param checkpoint the id of that checkpoint
   * @param bytes understood by the sink's {@code commit}
   */
  public record Committable(long checkpoint, byte[] bytes) {}
}
