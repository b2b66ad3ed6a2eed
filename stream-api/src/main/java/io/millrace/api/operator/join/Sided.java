package io.millrace.api.operator.join;

import io.millrace.api.function.KeySelector;
import io.millrace.api.function.MapFunction;
import io.millrace.api.operator.OnlyReads;
import io.millrace.api.type.TypeInformation;

/**
 * A record of one of two streams.
 *
 * @param left null if it is of the right one
 * @param right null if it is of the left one
 */
public record Sided<L, R>(L left, R right) {
  public boolean isLeft() {
    return left != null;
  }

  @SuppressWarnings("unchecked") // a record of L and R
  public static <L, R> TypeInformation<Sided<L, R>> type(
      TypeInformation<L> left, TypeInformation<R> right) {
    return (TypeInformation<Sided<L, R>>) TypeInformation.of(Sided.class, left, right);
  }

  /** Marks records of the left stream. */
  public record Left<L, R>() implements MapFunction<L, Sided<L, R>>, OnlyReads {
    @Override
    public Sided<L, R> map(L value) {
      return new Sided<>(value, null);
    }
  }

  /** Marks records of the right stream. */
  public record Right<L, R>() implements MapFunction<R, Sided<L, R>>, OnlyReads {
    @Override
    public Sided<L, R> map(R value) {
      return new Sided<>(null, value);
    }
  }

  /** Keys each side in its own way. */
  public record Key<L, R, K>(KeySelector<L, K> left, KeySelector<R, K> right)
      implements KeySelector<Sided<L, R>, K> {
    @Override
    public K getKey(Sided<L, R> value) throws Exception {
      return value.isLeft() ? left.getKey(value.left) : right.getKey(value.right);
    }
  }
}
