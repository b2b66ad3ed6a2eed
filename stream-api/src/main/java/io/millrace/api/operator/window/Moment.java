package io.millrace.api.operator.window;

import io.millrace.api.operator.OperatorContext;

/**
 * Processing time as one record or timer has it: the clock is looked at once for all who ask, so
 * that the window that a record is put in and what its trigger makes of the time agree; and not at
 * all if nobody does.
 */
final class Moment {
  private final OperatorContext context;
  private boolean known;
  private long millis;

  Moment(OperatorContext context) {
    this.context = context;
  }

  /** The next record or timer. */
  void next() {
    known = false;
  }

  long millis() {
    if (!known) {
      millis = context.processingTimeMillis();
      known = true;
    }
    return millis;
  }
}
