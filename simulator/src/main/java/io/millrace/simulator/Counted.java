package io.millrace.simulator;

import io.millrace.api.function.RuntimeContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;

/** A count per key, in a state whose type is wider in a later version of the program. */
interface Counted {
  /** Counts one more for the current key. */
  long next() throws Exception;

  /** The count of the current key. */
  long value() throws Exception;

  static Counted in(RuntimeContext context, boolean changed) {
    return changed
        ? later(context.getState(new ValueStateDescriptor<>("counted", Long.class)))
        : first(context.getState(new ValueStateDescriptor<>("counted", Integer.class)));
  }

  private static Counted first(ValueState<Integer> state) {
    return new Counted() {
      @Override
      public long next() throws Exception {
        state.update(state.value() == null ? 1 : state.value() + 1);
        return state.value();
      }

      @Override
      public long value() throws Exception {
        return state.value();
      }
    };
  }

  private static Counted later(ValueState<Long> state) {
    return new Counted() {
      @Override
      public long next() throws Exception {
        state.update(state.value() == null ? 1 : state.value() + 1);
        return state.value();
      }

      @Override
      public long value() throws Exception {
        return state.value();
      }
    };
  }
}
