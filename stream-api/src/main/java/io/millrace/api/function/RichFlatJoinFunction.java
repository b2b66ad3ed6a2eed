package io.millrace.api.function;

/** A {@link FlatJoinFunction} with a life and a context. */
public abstract class RichFlatJoinFunction<IN1, IN2, OUT> extends AbstractRichFunction
    implements FlatJoinFunction<IN1, IN2, OUT> {}
