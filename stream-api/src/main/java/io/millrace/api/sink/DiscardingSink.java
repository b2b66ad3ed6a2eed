package io.millrace.api.sink;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.util.List;

/** Drops every record. */
public final class DiscardingSink<T> implements Sink<T> {
  @Override
  public SinkWriter<T> writer(WriterContext context) {
    return (value, timestamp) -> {};
  }

  /** Nothing was visible. */
  @Override
  public void rollback(Scope scope, long after, long upTo, List<byte[]> kept) {}
}
