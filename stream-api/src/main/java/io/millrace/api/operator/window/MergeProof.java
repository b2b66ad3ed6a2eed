package io.millrace.api.operator.window;

import io.millrace.api.function.AggregateFunction;
import io.millrace.api.function.IncompleteMergeException;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds out from the first records of a subtask whether a function's {@code merge} takes in both of
 * its accumulators, before windows are put together of parts. Programs get by elsewhere with one
 * that hands back its first argument, as long as they have no sessions.
 *
 * <p>Two accumulators that hold a record each are merged, and the same two records are added in a
 * row, in both orders. A merge that comes to one of the two accumulators, or to an empty one, and
 * to neither of the rows, has left a record out. Anything else may be right: of records that are as
 * large as each other a maximum may keep either, and a sketch or a mean may differ in its last
 * digits. A record is also merged with itself, so a function that counts or adds is found out by
 * the first. Only records of one key meet. What a function throws here says nothing: it will throw
 * again where it counts. Nor does it say anything if {@code add} comes to something else each time,
 * as where an accumulator holds the time of the clock.
 */
final class MergeProof<T, A> {
  /** A function that always keeps the same one of two is never found to take in the other. */
  private static final int MOST_RECORDS = 1_000;

  private static final int MOST_KEYS = 16;

  private final AggregateFunction<T, A, ?> function;
  private final Serializer<T> records;
  private final Serializer<A> accumulators;
  private final Map<Object, T> last = new LinkedHashMap<>();
  private int seen;
  private boolean takesLeft;
  private boolean takesRight;

  MergeProof(
      AggregateFunction<T, A, ?> function, Serializer<T> records, Serializer<A> accumulators) {
    this.function = function;
    this.records = records;
    this.accumulators = accumulators;
  }

  /**
   * Looks at one more record.
   *
   * @return whether there is more to find out
   */
  boolean look(Object key, T value) {
    compare(value, value);
    T before = last.get(key);
    if (before != null) {
      compare(before, value);
    }
    if (before != null || last.size() < MOST_KEYS) {
      last.put(key, records.copy(value));
    }
    return ++seen < MOST_RECORDS && !(takesLeft && takesRight);
  }

  private void compare(T one, T other) {
    byte[] left;
    byte[] right;
    byte[] none;
    byte[] merged;
    boolean asInARow;
    boolean repeatable;
    try {
      A ofOne = with(one, function.createAccumulator());
      A ofOther = with(other, function.createAccumulator());
      left = bytes(ofOne);
      right = bytes(ofOther);
      none = bytes(function.createAccumulator());
      merged = bytes(function.merge(accumulators.copy(ofOne), accumulators.copy(ofOther)));
      asInARow =
          Arrays.equals(merged, bytes(with(other, accumulators.copy(ofOne))))
              || Arrays.equals(merged, bytes(with(one, accumulators.copy(ofOther))));
      repeatable =
          Arrays.equals(left, bytes(with(one, function.createAccumulator())))
              && Arrays.equals(right, bytes(with(other, function.createAccumulator())));
    } catch (VirtualMachineError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      return;
    }
    if (!repeatable) {
      return;
    }
    boolean isLeft = Arrays.equals(merged, left);
    boolean isRight = Arrays.equals(merged, right);
    if (!asInARow && (isLeft || isRight || Arrays.equals(merged, none))) {
      throw new IncompleteMergeException(
          "merge of the aggregate function "
              + function.getClass().getName()
              + " leaves out records: two accumulators with a record each were merged to "
              + (isLeft ? "the first of them" : isRight ? "the second of them" : "an empty one")
              + ". Windows that overlap, and records that are combined before they are sent, rely on"
              + " merge; let it join both, or throw an UnsupportedOperationException: then each"
              + " window is computed by itself");
    }
    takesLeft |= !isRight;
    takesRight |= !isLeft;
  }

  private A with(T value, A accumulator) {
    return accumulators.copy(function.add(records.copy(value), accumulator));
  }

  /** Of a copy, so that sets which were filled in different ways have the same order. */
  private byte[] bytes(A accumulator) {
    var out = new DataWriter();
    accumulators.write(accumulators.copy(accumulator), out);
    return out.toByteArray();
  }
}
