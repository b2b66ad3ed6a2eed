package io.millrace.api.source;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.function.GeneratorFunction;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Emits the records of its spans, not faster than its pace. */
final class SpanReader<T> implements SourceReader<T, Span> {
  private final GeneratorFunction<T> function;
  private final Pace pace;
  private final Deque<Span> spans = new ArrayDeque<>();

  SpanReader(GeneratorFunction<T> function, Pace pace) {
    this.function = function;
    this.pace = pace;
  }

  @Override
  public void add(Span span) {
    if (span.remaining() > 0) {
      spans.addLast(span);
    }
  }

  @Override
  public Progress poll(ReaderOutput<T> output, int limit, ReadClock clock) throws Exception {
    if (spans.isEmpty()) {
      return Progress.NEED_SPLIT;
    }
    Span span = spans.removeFirst();
    long permits = pace.permits(clock.monotonicMillis());
    long count = Math.min(Math.min(limit, permits), span.remaining());
    for (long i = 0; i < count; i++) {
      output.collect(function.generate(span.next() + i * span.step()));
    }
    pace.took(count);
    if (count < span.remaining()) {
      // Behind the others: one that does not end must not keep them waiting.
      spans.addLast(span.advanced(count));
    }
    if (spans.isEmpty()) {
      return Progress.NEED_SPLIT;
    }
    return count == permits ? Progress.WAITING : Progress.MORE;
  }

  @Override
  public List<Span> snapshot() {
    return List.copyOf(spans);
  }

  @Override
  public long nextPollMillis(ReadClock clock) {
    return pace.nextMillis();
  }
}
