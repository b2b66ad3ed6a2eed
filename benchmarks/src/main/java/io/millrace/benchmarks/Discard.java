package io.millrace.benchmarks;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;

/** Takes records and forgets them. */
record Discard<T>() implements Sink<T> {
  @Override
  public SinkWriter<T> writer(WriterContext context) {
    return (value, timestamp) -> {};
  }
}
