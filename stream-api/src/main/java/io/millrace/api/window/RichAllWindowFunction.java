package io.millrace.api.window;

import io.millrace.api.function.AbstractRichFunction;

/** An {@link AllWindowFunction} with a life and a context. */
public abstract class RichAllWindowFunction<IN, OUT, W extends Window> extends AbstractRichFunction
    implements AllWindowFunction<IN, OUT, W> {}
