package io.millrace.api.function;

/** A {@link ParallelSourceFunction} that is opened and closed and knows where it runs. */
public abstract class RichParallelSourceFunction<T> extends AbstractRichFunction
    implements ParallelSourceFunction<T> {}
