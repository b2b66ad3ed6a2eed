package io.millrace.api.accumulator;

import java.util.Objects;

/**
 * One accumulator of one subtask as it was at a checkpoint, in bytes that only the job's classes
 * can read.
 */
public record AccumulatorState(String name, byte[] bytes) {
  public AccumulatorState {
    Objects.requireNonNull(name);
    Objects.requireNonNull(bytes);
  }
}
