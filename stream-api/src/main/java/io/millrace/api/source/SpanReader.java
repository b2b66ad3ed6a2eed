package io.millrace.api.source;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.function.GeneratorFunction;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Emits the records of its spans in turn, not faster than its pace. It begins once it has all of
 * them, so that none lags behind in event time from the start.
 */
final class SpanReader<T> implements SourceReader<T, Span> {
  private final GeneratorFunction<T> function;
  private final Pace pace;
  private final Deque<Span> spans = new ArrayDeque<>();
  private final Set<String> paused = new HashSet<>();
  private boolean hasAll;

  SpanReader(GeneratorFunction<T> function, Pace pace) {
    this.function = function;
    this.pace = pace;
  }

  @Override
  public void add(Span span) {
    spans.addLast(span);
  }

  @Override
  public void notifyNoMoreSplits() {
    hasAll = true;
  }

  @Override
  public void pauseOrResumeSplits(
      Collection<String> splitsToPause, Collection<String> splitsToResume) {
    paused.addAll(splitsToPause);
    paused.removeAll(splitsToResume);
  }

  @Override
  public Progress poll(ReaderOutput<T> output, int limit, ReadClock clock) throws Exception {
    if (!hasAll || spans.isEmpty()) {
      return Progress.NEED_SPLIT;
    }
    for (int i = 1; i < spans.size() && paused.contains(spans.getFirst().splitId()); i++) {
      spans.addLast(spans.removeFirst());
    }
    Span span = spans.removeFirst();
    long permits = pace.permits(clock.monotonicMillis());
    long count = Math.min(Math.min(limit, permits), span.remaining());
    SourceOutput<T> records = output.createOutputForSplit(span.splitId());
    for (long i = 0; i < count; i++) {
      records.collect(function.generate(span.next() + i * span.step()));
    }
    pace.took(count);
    if (count < span.remaining()) {
      // Behind the others: one that does not end must not keep them waiting.
      spans.addLast(span.advanced(count));
    } else {
      output.releaseOutputForSplit(span.splitId());
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
