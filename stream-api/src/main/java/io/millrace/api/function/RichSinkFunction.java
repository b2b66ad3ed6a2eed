package io.millrace.api.function;

/** A {@link SinkFunction} that is opened and closed and knows where it runs. */
public abstract class RichSinkFunction<T> extends AbstractRichFunction implements SinkFunction<T> {}
