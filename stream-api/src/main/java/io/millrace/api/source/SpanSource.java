package io.millrace.api.source;

import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Numbered records, dealt to the readers like cards: of p readers the i-th gets i, i + p, i + 2p …
 *
 * @param count {@link Sources#ENDLESS} for no end
 * @param recordsPerSecond of all readers together; infinite for no limit
 */
record SpanSource<T>(long first, long count, RecordMaker<T> maker, double recordsPerSecond)
    implements Source<T, Span> {
  SpanSource {
    if (!(recordsPerSecond > 0)) {
      throw new IllegalArgumentException(
          "the rate must be more than 0 records per second, found " + recordsPerSecond);
    }
  }

  @Override
  public boolean bounded() {
    return count != Sources.ENDLESS;
  }

  @Override
  public Class<Span> splitType() {
    return Span.class;
  }

  @Override
  public SplitEnumerator<Span> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
    return restored
        .map(bytes -> SpanEnumerator.restored(bytes, context.readers()))
        .orElseGet(() -> new SpanEnumerator(spans(context.readers()), context.readers()));
  }

  @Override
  public SourceReader<T, Span> reader(ReaderContext context) {
    return new SpanReader<>(
        maker.open(context.userClassLoader()), new Pace(recordsPerSecond / context.parallelism()));
  }

  private List<Span> spans(int readers) {
    var spans = new ArrayList<Span>();
    for (int lane = 0; lane < readers && lane < count; lane++) {
      long remaining = bounded() ? (count - lane - 1) / readers + 1 : Sources.ENDLESS; // rounded up
      spans.add(new Span(lane, first + lane, readers, remaining));
    }
    return spans;
  }
}
