package io.millrace.api;

import io.millrace.api.function.KeySelector;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeInformation;

/** Two streams as one of records of either side. */
final class SidedStream {
  /** Keyed by what each side says. */
  static <L, R, K> KeyedStream<Sided<L, R>, K> keyed(
      DataStream<L> left,
      DataStream<R> right,
      KeySelector<L, K> leftKey,
      KeySelector<R, K> rightKey,
      TypeInformation<K> keyType) {
    TypeInformation<Sided<L, R>> type = Sided.type(left.getType(), right.getType());
    var first = besides(left, left.map(new Sided.Left<L, R>()).name("Left side").returns(type));
    var second =
        besides(right, right.map(new Sided.Right<L, R>()).name("Right side").returns(type));
    return first.union(second).keyBy(new Sided.Key<>(leftKey, rightKey), keyType);
  }

  /** With the parallelism of what is in front, so that records keep their order. */
  private static <T> SingleOutputStreamOperator<T> besides(
      DataStream<?> input, SingleOutputStreamOperator<T> marked) {
    if (input.taps.size() == 1) {
      marked.node().parallelism = input.taps.get(0).from().parallelism;
    }
    return marked;
  }

  private SidedStream() {}
}
