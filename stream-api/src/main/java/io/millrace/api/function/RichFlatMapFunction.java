package io.millrace.api.function;

/** A {@link FlatMapFunction} with a life and a context. */
public abstract class RichFlatMapFunction<T, O> extends AbstractRichFunction
    implements FlatMapFunction<T, O> {}
