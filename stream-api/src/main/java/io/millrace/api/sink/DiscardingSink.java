package io.millrace.api.sink;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;

/** Drops every record. */
public final class DiscardingSink<T> implements Sink<T> {
  @Override
  public SinkWriter<T> writer(WriterContext context) {
    return (value, timestamp) -> {};
  }
}
