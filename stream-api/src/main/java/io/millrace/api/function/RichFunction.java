package io.millrace.api.function;

/** A function with a life: it is opened before its first record and closed after its last. */
public interface RichFunction {
  /** Called once before any record; the place to declare state. */
  default void open(OpenContext context) throws Exception {}

  /** Called once at the end, also after a failure, also if {@link #open} failed. */
  default void close() throws Exception {}

  /** Valid from {@link #open} to {@link #close}. */
  RuntimeContext getRuntimeContext();

  /** Called by the engine before {@link #open}. */
  void setRuntimeContext(RuntimeContext context);
}
