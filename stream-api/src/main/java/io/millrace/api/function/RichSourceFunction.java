package io.millrace.api.function;

/** A {@link SourceFunction} that is opened and closed and knows where it runs. */
public abstract class RichSourceFunction<T> extends AbstractRichFunction
    implements SourceFunction<T> {}
