package io.millrace.api.window;

import io.millrace.api.function.AbstractRichFunction;

/** A {@link WindowFunction} with a life and a context. */
public abstract class RichWindowFunction<IN, OUT, KEY, W extends Window>
    extends AbstractRichFunction implements WindowFunction<IN, OUT, KEY, W> {}
