package io.millrace.api.operator;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.function.CheckpointListener;
import java.util.Optional;

/**
 * A reader around a function of the user that makes records on a thread of its own. The engine lets
 * it take part in the life of the function as operators do. All calls come from the task's thread,
 * {@link #open} before all others.
 */
public interface FunctionReader<T, S> extends SourceReader<T, S> {
  void open(OperatorContext context) throws Exception;

  /**
   * A barrier has arrived: emits what belongs in front of it and cuts the function's state, between
   * which nothing may change. {@link #snapshot} follows.
   */
  Frozen freeze(long checkpoint, ReaderOutput<T> output) throws Exception;

  /** Whether there is something to poll for, though the last poll has said WAITING. */
  boolean stirred();

  /** The function is to end soon; polls go on until one of them asks for another split. */
  void drain() throws Exception;

  /** Who in it is told what became of checkpoints, the same one all the time. */
  Optional<CheckpointListener> checkpointListener();
}
