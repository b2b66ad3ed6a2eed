package io.millrace.api.source;

import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gives each span to the reader it was made for, or to who sits there now. */
final class SpanEnumerator implements SplitEnumerator<Span> {
  private final List<Span> spans;
  private final int readers;

  SpanEnumerator(List<Span> spans, int readers) {
    this.spans = new ArrayList<>(spans);
    this.readers = readers;
  }

  static SpanEnumerator restored(byte[] snapshot, int readers) {
    var in = new DataReader(snapshot);
    var spans = new ArrayList<Span>();
    int count = in.readCount();
    for (int i = 0; i < count; i++) {
      spans.add(new Span(in.readInt(), in.readLong(), in.readLong(), in.readLong()));
    }
    return new SpanEnumerator(spans, readers);
  }

  @Override
  public Optional<Span> next(int reader) {
    for (int i = 0; i < spans.size(); i++) {
      if (isFor(reader, spans.get(i))) {
        return Optional.of(spans.remove(i));
      }
    }
    return Optional.empty();
  }

  @Override
  public boolean finishedFor(int reader) {
    return spans.stream().noneMatch(span -> isFor(reader, span));
  }

  @Override
  public byte[] snapshot() {
    var out = new DataWriter();
    out.writeVarInt(spans.size());
    for (Span span : spans) {
      out.writeInt(span.lane());
      out.writeLong(span.next());
      out.writeLong(span.step());
      out.writeLong(span.remaining());
    }
    return out.toByteArray();
  }

  private boolean isFor(int reader, Span span) {
    return span.lane() % readers == reader;
  }
}
