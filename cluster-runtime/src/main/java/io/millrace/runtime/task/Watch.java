package io.millrace.runtime.task;

import io.millrace.runtime.kernel.Clock;

/**
 * The clocks of a machine for whoever needs the time of the very moment, not that of the step it is
 * in; {@link Clock} says what each is for.
 */
public interface Watch {
  long monotonicMillis();

  /** May be less than before: people set this clock, and machines. */
  long wallMillis();
}
