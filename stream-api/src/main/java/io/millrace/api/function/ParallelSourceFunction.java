package io.millrace.api.function;

/** A {@link SourceFunction} that runs in as many subtasks as its operator has, each on its own. */
public interface ParallelSourceFunction<T> extends SourceFunction<T> {}
