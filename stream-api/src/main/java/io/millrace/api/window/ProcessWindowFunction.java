package io.millrace.api.window;

import io.millrace.api.function.AbstractRichFunction;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.StateDescriptor;
import java.util.List;

/**
 * Makes records of a window of a key, knowing time, state and side outputs.
 *
 * @param <IN> what the window holds: its records, or what they were reduced or aggregated to
 */
public abstract class ProcessWindowFunction<IN, OUT, KEY, W extends Window>
    extends AbstractRichFunction {
  /**
   * The window has fired; it may do so again. What is emitted carries the window's highest
   * timestamp.
   */
  public abstract void process(KEY key, Context context, Iterable<IN> elements, Collector<OUT> out)
      throws Exception;

  /**
   * What is kept in {@link Context#windowState}: the very descriptors that it is asked with, told
   * once, after {@code open}. State that is not named here may be used all the same, but {@code
   * millrace state check} cannot say whether it can be restored. None for windows that merge. State
   * of {@link Context#globalState} is named by asking the runtime context for it in {@code open}.
   */
  public List<StateDescriptor> windowStates() {
    return List.of();
  }

  /** The window ends: forgets what was kept in {@link Context#windowState}. */
  public void clear(Context context) throws Exception {}

  /**
   * What may be asked during a call. An inner class, so that users write {@code Context} without
   * repeating types.
   */
  public abstract class Context {
    public abstract W window();

    /** The wall clock of the machine. */
    public abstract long currentProcessingTime();

    /** The watermark, {@code Long.MIN_VALUE} before the first one. */
    public abstract long currentWatermark();

    /**
     * State of this key and window; whoever uses it overrides {@link #clear}. Not for windows that
     * merge.
     */
    public abstract KeyedStateStore windowState();

    /** State of this key. */
    public abstract KeyedStateStore globalState();

    /** Puts a record out at the side, with the window's highest timestamp. */
    public abstract <X> void output(OutputTag<X> tag, X value);
  }
}
