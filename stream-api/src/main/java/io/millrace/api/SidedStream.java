package io.millrace.api;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.MapFunction;
import io.millrace.api.operator.join.Sided;
import io.millrace.api.type.TypeInformation;
import java.util.List;

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
    return marked(left, new Sided.Left<L, R>(), "Left side", type)
        .union(marked(right, new Sided.Right<L, R>(), "Right side", type))
        .keyBy(new Sided.Key<>(leftKey, rightKey), keyType);
  }

  /**
   * Each of what a union is made of with the parallelism that it has, so that records keep their
   * order.
   */
  private static <T, S> DataStream<S> marked(
      DataStream<T> input, MapFunction<T, S> mark, String name, TypeInformation<S> type) {
    DataStream<S> all = null;
    for (Node.Tap<T> tap : input.taps) {
      var one =
          new DataStream<>(input.environment, List.of(tap)).map(mark).name(name).returns(type);
      one.node().parallelism = tap.from().parallelism;
      all = all == null ? one : all.union(one);
    }
    return all;
  }

  private SidedStream() {}
}
