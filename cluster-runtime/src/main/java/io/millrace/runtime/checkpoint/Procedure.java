package io.millrace.runtime.checkpoint;

/**
 * A sequence of operations on durable names in which each is decided by what came of the one
 * before. Holds no name store: whoever drives it may let any time pass, and anything happen,
 * between two operations.
 *
 * @param <R> what it comes to
 */
public interface Procedure<R> {
  /** The first step; called once. */
  Step<R> start();

  /** The next step after the outcome of a {@link Step.Do}. Not called after any other step. */
  Step<R> on(Outcome outcome);

  /** Drives it to its end on this thread, without pauses between retries. */
  static <R> Step<R> run(Procedure<R> procedure, DurableNames names) {
    Step<R> step = procedure.start();
    while (step instanceof Step.Do<R> next) {
      step = procedure.on(next.op().apply(names));
    }
    return step;
  }
}
