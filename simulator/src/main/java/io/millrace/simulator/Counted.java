package io.millrace.simulator;

import io.millrace.api.function.RuntimeContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.function.LongFunction;

/** A count per key, in a state whose type is wider in a later version of the program. */
interface Counted {
  /** Counts one more for the current key. */
  long next() throws Exception;

  /** The count of the current key. */
  long value() throws Exception;

  static Counted in(RuntimeContext context, boolean changed) {
    return changed
        ? in(context.getState(new ValueStateDescriptor<>("counted", Long.class)), Long::valueOf)
        : in(
            context.getState(new ValueStateDescriptor<>("counted", Integer.class)),
            count -> (int) count);
  }

  private static <N extends Number> Counted in(ValueState<N> state, LongFunction<N> asNumber) {
    return new Counted() {
      @Override
      public long next() throws Exception {
        state.update(asNumber.apply(state.value() == null ? 1 : value() + 1));
        return value();
      }

      @Override
      public long value() throws Exception {
        return state.value().longValue();
      }
    };
  }
}
