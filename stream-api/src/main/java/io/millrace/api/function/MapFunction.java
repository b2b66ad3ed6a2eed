package io.millrace.api.function;

import java.io.Serializable;

/** One record in, one record out. */
@FunctionalInterface
public interface MapFunction<T, O> extends Serializable {
  O map(T value) throws Exception;
}
