package io.millrace.api.function;

/**
 * An {@link AsyncFunction} with a life and a context. There is no state under keys, as nobody knows
 * in which order answers come.
 */
public abstract class RichAsyncFunction<I, O> extends AbstractRichFunction
    implements AsyncFunction<I, O> {}
