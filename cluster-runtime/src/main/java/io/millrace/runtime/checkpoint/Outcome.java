package io.millrace.runtime.checkpoint;

import java.util.List;

/** What came of a {@link NameOp}. */
public sealed interface Outcome {
  record Listed(List<DurableNames.Entry> entries) implements Outcome {
    public Listed {
      entries = List.copyOf(entries);
    }
  }

  /**
   * @param created false if the name existed
   */
  record Created(boolean created) implements Outcome {}

  record Content(byte[] bytes) implements Outcome {}

  /** There is nothing to read. */
  record Absent() implements Outcome {}

  record Done() implements Outcome {}

  /** It failed, with or without effect. */
  record Failed(String reason) implements Outcome {}
}
