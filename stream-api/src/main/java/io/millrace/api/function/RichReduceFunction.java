package io.millrace.api.function;

/** A {@link ReduceFunction} with a life and a context. */
public abstract class RichReduceFunction<T> extends AbstractRichFunction
    implements ReduceFunction<T> {}
