package io.millrace.api.operator;

/**
 * An operator in which records wait for something that happens elsewhere. Whatever they wait for
 * calls {@link OperatorContext#waker} when it is there. Always the first operator of its chain.
 */
public interface WaitingOperator<I, O> extends Operator<I, O> {
  /**
   * Does the next piece of work that is ready, such as emitting one result. Called while there is
   * credit, before any further record is taken.
   *
   * @return false if nothing is ready
   */
  boolean resume() throws Exception;

  /**
   * Whether no further record should come. Barriers do come; a record that comes all the same is
   * taken.
   */
  boolean full();

  /** Whether anything is still to be emitted; then input that has ended does not end the output. */
  boolean holdsAny();
}
