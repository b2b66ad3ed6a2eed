package io.millrace.api.function;

/** A {@link MapFunction} with a life and a context. */
public abstract class RichMapFunction<T, O> extends AbstractRichFunction
    implements MapFunction<T, O> {}
