package io.millrace.api.function;

import java.io.Serializable;

/** Keeps the context for a {@link RichFunction}. */
public abstract class AbstractRichFunction implements RichFunction, Serializable {
  private transient RuntimeContext runtimeContext;

  @Override
  public final RuntimeContext getRuntimeContext() {
    if (runtimeContext == null) {
      throw new IllegalStateException(
          "the runtime context exists only while the job runs: use it from open() on");
    }
    return runtimeContext;
  }

  @Override
  public final void setRuntimeContext(RuntimeContext context) {
    runtimeContext = context;
  }
}
