package io.millrace.api.type;

/** A function, key selector or source that says itself which type it puts out. */
public interface ResultTypeQueryable<T> {
  TypeInformation<T> getProducedType();
}
