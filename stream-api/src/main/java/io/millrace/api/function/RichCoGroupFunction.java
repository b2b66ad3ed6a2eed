package io.millrace.api.function;

/** A {@link CoGroupFunction} with a life and a context. */
public abstract class RichCoGroupFunction<IN1, IN2, OUT> extends AbstractRichFunction
    implements CoGroupFunction<IN1, IN2, OUT> {}
