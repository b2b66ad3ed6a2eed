package io.millrace.api.operator;

/**
 * An operator with a second input. {@link #process} takes the records of the first; all else is
 * about both: the watermark is the lower one, a barrier has arrived in both, input ends when both
 * have ended. Always the first operator of its chain.
 *
 * @param <A> records of the first input
 * @param <B> records of the second input
 * @param <O> records emitted
 */
public interface TwoInputOperator<A, B, O> extends Operator<A, O> {
  /** Takes one record of the second input; see {@link #process}. */
  void processSecond(B value, long timestamp) throws Exception;
}
