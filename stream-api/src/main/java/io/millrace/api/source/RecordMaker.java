package io.millrace.api.source;

import io.millrace.api.function.GeneratorFunction;
import java.io.Serializable;

/** Turns the number of a record into the record. */
interface RecordMaker<T> extends Serializable {
  GeneratorFunction<T> open(ClassLoader userClassLoader);

  /** Made by a function of the user. */
  record OfFunction<T>(GeneratorFunction<T> function) implements RecordMaker<T> {
    @Override
    public GeneratorFunction<T> open(ClassLoader userClassLoader) {
      return function;
    }
  }
}
