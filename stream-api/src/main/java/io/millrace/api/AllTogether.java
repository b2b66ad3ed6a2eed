package io.millrace.api;

import io.millrace.api.function.KeySelector;

/** One key for all records. */
record AllTogether<T>() implements KeySelector<T, Byte> {
  private static final Byte THE_KEY = 0;

  @Override
  public Byte getKey(T value) {
    return THE_KEY;
  }
}
