package io.millrace.api.function;

/** A {@link FilterFunction} with a life and a context. */
public abstract class RichFilterFunction<T> extends AbstractRichFunction
    implements FilterFunction<T> {}
