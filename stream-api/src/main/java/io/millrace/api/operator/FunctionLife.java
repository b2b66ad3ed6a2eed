package io.millrace.api.operator;

import io.millrace.api.function.OpenContext;
import io.millrace.api.function.RichFunction;

/** Opens a function that wants to be opened, and closes what was opened. */
public final class FunctionLife {
  private final Object function;
  private boolean begun;

  public FunctionLife(Object function) {
    this.function = function;
  }

  public void open(OperatorContext context) throws Exception {
    if (function instanceof RichFunction rich) {
      begun = true;
      rich.setRuntimeContext(new FunctionContext(context));
      rich.open(new OpenContext(context.subtask(), context.parallelism()));
    }
  }

  public void close() throws Exception {
    if (begun && function instanceof RichFunction rich) {
      begun = false;
      rich.close();
    }
  }
}
