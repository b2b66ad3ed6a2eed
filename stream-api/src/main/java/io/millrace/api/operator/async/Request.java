package io.millrace.api.operator.async;

import java.util.Collection;

/** One record and what is known of its answer. Of the task's thread alone. */
final class Request<I, O> {
  /** Where a request is in its life. */
  enum Phase {
    /** There is no room for it yet; it was not asked for. */
    WAITING,
    /** On its way. */
    ASKED,
    /** It is to be asked for again, after a while. */
    PAUSED,
    /** Too late; the function may say what takes the place of the answer, which still counts. */
    TIMED_OUT,
    /** Too late, and no answer is on its way: for a while, only the function can give one. */
    UP_TO_FUNCTION,
    /** The answer is here. */
    ANSWERED
  }

  final I input;
  final long timestamp;

  /** Position in the order of arrival. */
  final long number;

  Phase phase = Phase.WAITING;
  int tries;
  long deadlineMillis = Long.MAX_VALUE;
  long retryAtMillis;

  /** The only one that counts; null while none is expected. */
  Answer<I, O> expected;

  /** What the last try came to, if that was to be improved on; null before. */
  Answer<I, O> unsatisfying;

  Collection<O> results;

  /** Which of the stretches between control elements it belongs to, where that matters. */
  Unordered.Stretch<I, O> stretch;

  Request(I input, long timestamp, long number) {
    this.input = input;
    this.timestamp = timestamp;
    this.number = number;
  }

  /** Whether its deadline, if there is one, is to be watched. */
  boolean isDue() {
    return phase == Phase.ASKED || phase == Phase.PAUSED || phase == Phase.UP_TO_FUNCTION;
  }
}
