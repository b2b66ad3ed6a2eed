package io.millrace.api.operator.window;

import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.operator.EventClock;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.state.StateDescriptor;
import io.millrace.api.window.Evictor;
import io.millrace.api.window.Window;
import java.util.List;

/** The window that is being computed, and its surroundings. */
final class Scene<K, W extends Window, O> implements Collector<O>, Evictor.EvictorContext {
  private final OperatorContext context;
  private final Output<O> output;
  private final EventClock clock;
  private final KeyStates ofKey;

  /** Null where windows merge. */
  private final WindowStates<W> ofWindow;

  private W window;

  Scene(OperatorContext context, Output<O> output, EventClock clock, WindowStates<W> ofWindow) {
    this.context = context;
    this.output = output;
    this.clock = clock;
    this.ofKey = new KeyStates(context);
    this.ofWindow = ofWindow;
  }

  /** The window that everything is about from now on. */
  void at(W other) {
    window = other;
  }

  @SuppressWarnings("unchecked") // the stream was keyed by a selector of K
  K key() {
    return (K) context.keyed().currentKey();
  }

  W window() {
    return window;
  }

  @Override
  public void collect(O value) {
    output.collect(value, window.maxTimestamp());
  }

  <X> void output(OutputTag<X> tag, X value) {
    output.output(tag, value, window.maxTimestamp());
  }

  long watermark() {
    return clock.watermark();
  }

  long processingTime() {
    return context.processingTimeMillis();
  }

  @Override
  public long getCurrentProcessingTime() {
    return processingTime();
  }

  @Override
  public long getCurrentWatermark() {
    return watermark();
  }

  KeyedStateStore windowState() {
    checkWindowsHaveState();
    ofWindow.at(window);
    return ofWindow;
  }

  /** Makes state of windows known before there is one. */
  void declare(List<StateDescriptor> states) {
    if (states == null || !states.isEmpty()) {
      checkWindowsHaveState();
      ofWindow.declare(states, "windowStates() of the function");
    }
  }

  private void checkWindowsHaveState() {
    if (ofWindow == null) {
      throw new UnsupportedOperationException(
          "windows that merge have no state of their own; use globalState()");
    }
  }

  KeyedStateStore globalState() {
    return ofKey;
  }
}
