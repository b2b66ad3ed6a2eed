package io.millrace.api.function;

/**
 * {@link AggregateFunction#merge} leaves out what one of its accumulators holds, where windows are
 * put together of parts. The same at every try, so the job ends at once.
 */
public final class IncompleteMergeException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public IncompleteMergeException(String message) {
    super(message);
  }
}
