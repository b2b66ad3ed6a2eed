package io.millrace.api.function;

/** A {@link JoinFunction} with a life and a context. */
public abstract class RichJoinFunction<IN1, IN2, OUT> extends AbstractRichFunction
    implements JoinFunction<IN1, IN2, OUT> {}
