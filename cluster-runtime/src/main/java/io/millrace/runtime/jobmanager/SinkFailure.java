package io.millrace.runtime.jobmanager;

import io.millrace.runtime.checkpoint.Settlement;
import io.millrace.runtime.protocol.Failure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** What became of a sink's place or promises, as a value. */
final class SinkFailure {
  /** Trouble with a file system may pass; everything else repeats itself. */
  static Failure of(Exception exception) {
    Throwable cause =
        exception instanceof Settlement.SinkException ? exception.getCause() : exception;
    String operator = exception instanceof Settlement.SinkException sink ? sink.operator() : "";
    boolean canHeal = cause instanceof IOException;
    var trace = new StringWriter();
    exception.printStackTrace(new PrintWriter(trace));
    return new Failure(
        canHeal ? Failure.Kind.EXTERNAL : Failure.Kind.USER,
        canHeal,
        operator,
        operator.isEmpty() ? -1 : 0,
        cause.getClass().getName(),
        String.valueOf(exception.getMessage()),
        trace.toString());
  }

  private SinkFailure() {}
}
