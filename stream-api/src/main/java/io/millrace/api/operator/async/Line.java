package io.millrace.api.operator.async;

import io.millrace.api.operator.Output;
import java.util.function.Consumer;

/** Requests, and the watermarks among them, and in which order they leave. */
interface Line<I, O> {
  void add(Request<I, O> request);

  /** Behind everything that has come so far. */
  void add(Control control);

  /** The request has its answer. */
  void answered(Request<I, O> request);

  /**
   * Lets leave what is next.
   *
   * @param request gets it, if it is one
   * @return whether anything was ready
   */
  boolean next(Consumer<Request<I, O>> request, Output<O> output);

  /** Those that have not left, in the order in which they came. */
  void forEach(Consumer<Request<I, O>> visitor);

  int requests();

  boolean isEmpty();

  /** What is no record. */
  sealed interface Control {
    void leave(Output<?> output);

    /** Event time has come so far. */
    record Watermark(long time) implements Control {
      @Override
      public void leave(Output<?> output) {
        output.watermark(time);
      }
    }

    /** Nothing comes for a while, or something does again. */
    record Idle(boolean idle) implements Control {
      @Override
      public void leave(Output<?> output) {
        output.idle(idle);
      }
    }
  }
}
