package io.millrace.runtime.taskmanager;

import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.function.IncompleteMergeException;
import io.millrace.api.graph.UserCode;
import io.millrace.api.state.StateMigrationException;
import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.NoSerializerException;
import io.millrace.api.type.NotHashableException;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.RecordTooLargeException;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.state.LocalStateException;
import io.millrace.runtime.task.FileUnusableException;
import io.millrace.runtime.task.OverflowFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;

/** From an exception to a failure: who has to act, whether trying again may help, what to say. */
final class Diagnosis {
  private static final int MOST_CAUSES = 50;
  private static final int MOST_TRACE = 16_000;

  /**
   * @param operator whose call failed; empty if none was at work
   */
  static Failure of(Throwable thrown, String operator, int subtask) {
    List<Throwable> causes = causes(thrown);
    Throwable root = causes.get(causes.size() - 1);
    return new Failure(
        kind(causes),
        causes.stream().noneMatch(Diagnosis::hopeless),
        operator,
        operator.isEmpty() ? -1 : subtask,
        root.getClass().getName(),
        message(thrown, root),
        trace(thrown));
  }

  private static List<Throwable> causes(Throwable thrown) {
    var causes = new ArrayList<Throwable>();
    for (Throwable each = thrown;
        each != null && causes.size() < MOST_CAUSES;
        each = each.getCause()) {
      causes.add(each);
    }
    return causes;
  }

  private static Failure.Kind kind(List<Throwable> causes) {
    for (Throwable cause : causes) {
      if (cause instanceof ChannelBrokenException
          || cause instanceof OverflowFailedException
          || cause instanceof LocalStateException) {
        return Failure.Kind.RESOURCE;
      } else if (cause instanceof CommitConflictException
          || cause instanceof FileUnusableException) {
        return Failure.Kind.EXTERNAL;
      } else if (hopeless(cause)) {
        return Failure.Kind.USER;
      }
    }
    Throwable root = causes.get(causes.size() - 1);
    return root instanceof IOException ? Failure.Kind.EXTERNAL : Failure.Kind.USER;
  }

  /** The program and its classes are the same at the next try. */
  private static boolean hopeless(Throwable cause) {
    return cause instanceof NoSerializerException
        || cause instanceof NotHashableException
        || cause instanceof StateMigrationException
        || cause instanceof IncompleteMergeException
        || cause instanceof UserCode.UnreadableCodeException
        || cause instanceof ClassNotFoundException
        || cause instanceof LinkageError
        || cause instanceof ClassCastException
        || cause instanceof RecordTooLargeException
        || cause instanceof CommitConflictException
        || cause instanceof FileUnusableException;
  }

  private static String message(Throwable thrown, Throwable root) {
    Throwable telling = thrown.getMessage() != null && ours(thrown) ? thrown : root;
    String message = telling.getMessage();
    String line = message == null ? "" : ": " + message.strip().replaceAll("\\s*\\R\\s*", " | ");
    return ours(telling) ? line.substring(2) : telling.getClass().getName() + line;
  }

  /** Whether the message is a sentence of ours that needs no class in front of it. */
  private static boolean ours(Throwable thrown) {
    return thrown.getMessage() != null
        && (thrown instanceof NoSerializerException
            || thrown instanceof NotHashableException
            || thrown instanceof StateMigrationException
            || thrown instanceof IncompleteMergeException
            || thrown instanceof UserCode.UnreadableCodeException
            || thrown instanceof ChannelBrokenException
            || thrown instanceof OverflowFailedException
            || thrown instanceof LocalStateException
            || thrown instanceof RecordTooLargeException
            || thrown instanceof CorruptDataException
            || thrown instanceof CommitConflictException
            || thrown instanceof FileUnusableException);
  }

  private static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    String trace = text.toString();
    return trace.length() <= MOST_TRACE ? trace : trace.substring(0, MOST_TRACE) + "\n…";
  }

  private Diagnosis() {}
}
