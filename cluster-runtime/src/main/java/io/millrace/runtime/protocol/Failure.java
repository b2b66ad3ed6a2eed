package io.millrace.runtime.protocol;

import java.util.Objects;

/**
 * Something went wrong in the world: a value, not an exception.
 *
 * @param canHeal whether trying again may help; a missing class or serializer cannot
 * @param operator name of the operator; empty where no operator was at work
 * @param subtask -1 where no operator was at work
 * @param rootType class name of the root cause
 * @param message one line that names the place and the remedy
 * @param trace for the log; may be empty
 */
public record Failure(
    Kind kind,
    boolean canHeal,
    String operator,
    int subtask,
    String rootType,
    String message,
    String trace) {
  public Failure {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(operator);
    Objects.requireNonNull(rootType);
    Objects.requireNonNull(message);
    Objects.requireNonNull(trace);
  }

  /** Who has to act. */
  public enum Kind {
    /** The program. */
    USER,
    /** A system that the job reads or writes. */
    EXTERNAL,
    /** Machines, containers, networks. */
    RESOURCE,
    /** A bug of ours. */
    ENGINE
  }

  public static Failure of(Kind kind, String message) {
    return new Failure(kind, true, "", -1, "", message, "");
  }

  public static Failure unhealable(Kind kind, String message) {
    return new Failure(kind, false, "", -1, "", message, "");
  }

  /** As shown to people: operator and subtask first. */
  public String headline() {
    return operator.isEmpty() ? message : operator + " (subtask " + subtask + "): " + message;
  }
}
