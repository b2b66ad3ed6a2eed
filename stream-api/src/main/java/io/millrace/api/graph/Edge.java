package io.millrace.api.graph;

/**
 * Records flow from one operator to another.
 *
 * @param input which of the consumer's inputs, from 0
 * @param code an {@link EdgeCode}: the type of the records and, for KEY_GROUP and CUSTOM, how to
 *     find their subtask
 * @param type what is known of the record type, for people
 * @param sideOutput id of the tag of the producer's records that flow here; {@link #MAIN} for those
 *     without a tag
 */
public record Edge(
    String from,
    String to,
    int input,
    Partitioning partitioning,
    UserCode code,
    String type,
    String sideOutput) {
  /** In place of a tag's id: what the producer emits without a tag. */
  public static final String MAIN = "";

  /** An edge for the records that the producer emits without a tag. */
  public Edge(
      String from, String to, int input, Partitioning partitioning, UserCode code, String type) {
    this(from, to, input, partitioning, code, type, MAIN);
  }

  public boolean isSideOutput() {
    return !sideOutput.equals(MAIN);
  }

  /** How the producer's records find the consumer's subtasks. */
  public enum Partitioning {
    /** Subtask i to subtask i; the only one that can be chained. */
    FORWARD,
    /** By the group of the record's key. */
    KEY_GROUP,
    /** Round robin over all. */
    REBALANCE,
    /** Round robin over those that are the producer's alone, or the one that it shares. */
    RESCALE,
    /** At random. */
    SHUFFLE,
    /** All to the first subtask. */
    GLOBAL,
    /** As a function of the program says. */
    CUSTOM,
    /** Every record to every subtask. */
    BROADCAST,
    /** From an enumerator to its readers: splits, on request. */
    SPLITS
  }
}
