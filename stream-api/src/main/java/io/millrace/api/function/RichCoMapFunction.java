package io.millrace.api.function;

/** A {@link CoMapFunction} with a life and a context. */
public abstract class RichCoMapFunction<A, B, O> extends AbstractRichFunction
    implements CoMapFunction<A, B, O> {}
