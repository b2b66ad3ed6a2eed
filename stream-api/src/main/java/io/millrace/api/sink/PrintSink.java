package io.millrace.api.sink;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.io.PrintStream;
import java.util.List;

/**
 * Prints each record as a line on standard output, or error, of the process that writes it: {@code
 * [label:][subtask> ]record}, the subtask counted from 1 and only if there are several. After a
 * failure some lines are printed again.
 */
public final class PrintSink<T> implements Sink<T> {
  private final String label;
  private final boolean toErr;

  public PrintSink() {
    this("");
  }

  /**
   * @param label put in front of each line; may be empty
   */
  public PrintSink(String label) {
    this(label, false);
  }

  /**
   * @param label put in front of each line; may be empty
   * @param toErr whether to print on standard error
   */
  public PrintSink(String label, boolean toErr) {
    this.label = label;
    this.toErr = toErr;
  }

  /** On standard error. */
  public PrintSink(boolean toErr) {
    this("", toErr);
  }

  @Override
  public SinkWriter<T> writer(WriterContext context) {
    String subtask = context.parallelism() > 1 ? String.valueOf(context.subtask() + 1) : "";
    String both = label.isEmpty() || subtask.isEmpty() ? label + subtask : label + ":" + subtask;
    String prefix = both.isEmpty() ? "" : both + "> ";
    PrintStream lines = toErr ? System.err : System.out;
    return (value, timestamp) -> lines.println(prefix + value);
  }

  /** Lines that were printed stay; after any failure some are printed again. */
  @Override
  public void rollback(Scope scope, long after, long upTo, List<byte[]> kept) {}
}
