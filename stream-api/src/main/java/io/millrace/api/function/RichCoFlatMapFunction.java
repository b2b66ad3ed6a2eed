package io.millrace.api.function;

/** A {@link CoFlatMapFunction} with a life and a context. */
public abstract class RichCoFlatMapFunction<A, B, O> extends AbstractRichFunction
    implements CoFlatMapFunction<A, B, O> {}
