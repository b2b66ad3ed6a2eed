package io.millrace.api.graph;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One operator of a job.
 *
 * @param uid the user's, or derived from the position in the program; fixed before any rewriting
 * @param code a {@code Source} for ENUMERATOR, a {@link ReaderCode} for READER, a {@code Sink} for
 *     SINK, an {@code OperatorFactory} for OPERATOR
 * @param parallelism {@link #UNDECIDED}, or the number of subtasks
 * @param maxParallelism {@link #UNDECIDED}, or the number of key groups
 * @param blocking whether its calls may wait: it then gets a thread of its own
 * @param chainHead whether it must start a chain (chaining disabled in front of it)
 * @param chainTail whether nothing may be chained behind it
 * @param states names of keyed state where known
 * @param combination how its records may be aggregated before they are sent to it, if they may
 * @param watermarkGroup for READER: the group of sources that wait for each other in event time
 * @param bufferTimeout how long a record that leaves it may wait for its batch to fill, if that is
 *     not as in the whole job
 */
public record Vertex(
    String uid,
    String name,
    Role role,
    UserCode code,
    int parallelism,
    int maxParallelism,
    String slotSharingGroup,
    boolean blocking,
    boolean chainHead,
    boolean chainTail,
    List<String> states,
    Optional<Combination> combination,
    Optional<String> watermarkGroup,
    Optional<Duration> bufferTimeout) {
  /** Left to the cluster's defaults. */
  public static final int UNDECIDED = 0;

  public Vertex {
    Objects.requireNonNull(code);
    Objects.requireNonNull(combination);
    Objects.requireNonNull(watermarkGroup);
    Objects.requireNonNull(bufferTimeout);
    if (uid.isBlank() || uid.length() > 200) {
      throw new IllegalArgumentException("a uid needs 1 to 200 characters, found '" + uid + "'");
    }
    if (parallelism < 0 || parallelism > 32768) {
      throw new IllegalArgumentException(
          "parallelism of '" + name + "' must be 1 to 32768, found " + parallelism);
    }
    if (maxParallelism < 0 || maxParallelism > 32768) {
      throw new IllegalArgumentException(
          "max parallelism of '" + name + "' must be 1 to 32768, found " + maxParallelism);
    }
    states = List.copyOf(states);
  }

  /** An operator that wants every single record. */
  public Vertex(
      String uid,
      String name,
      Role role,
      UserCode code,
      int parallelism,
      int maxParallelism,
      String slotSharingGroup,
      boolean blocking,
      boolean chainHead,
      boolean chainTail,
      List<String> states) {
    this(
        uid,
        name,
        role,
        code,
        parallelism,
        maxParallelism,
        slotSharingGroup,
        blocking,
        chainHead,
        chainTail,
        states,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** With the parallelism that was decided. */
  public Vertex inParallel(int subtasks, int keyGroups) {
    return new Vertex(
        uid,
        name,
        role,
        code,
        subtasks,
        keyGroups,
        slotSharingGroup,
        blocking,
        chainHead,
        chainTail,
        states,
        combination,
        watermarkGroup,
        bufferTimeout);
  }

  /** Behind what combines its records, with the code that merges what comes from there. */
  public Vertex combined(UserCode merger) {
    return new Vertex(
        uid,
        name,
        role,
        merger,
        parallelism,
        maxParallelism,
        slotSharingGroup,
        blocking,
        chainHead,
        chainTail,
        states,
        Optional.empty(),
        watermarkGroup,
        bufferTimeout);
  }

  /** With other code that does the same for everybody else. */
  public Vertex running(UserCode other) {
    return new Vertex(
        uid,
        name,
        role,
        other,
        parallelism,
        maxParallelism,
        slotSharingGroup,
        blocking,
        chainHead,
        chainTail,
        states,
        combination,
        watermarkGroup,
        bufferTimeout);
  }

  /** What kind of code a vertex holds. */
  public enum Role {
    ENUMERATOR,
    READER,
    OPERATOR,
    SINK
  }
}
