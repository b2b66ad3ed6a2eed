package io.millrace.connector.files;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source.EnumeratorContext;
import io.millrace.api.connector.Source.ReaderContext;
import io.millrace.api.connector.SourceReader.Progress;
import io.millrace.api.connector.SourceReader.ReadClock;
import io.millrace.api.connector.SplitEnumerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One enumerator and one reader, driven as a task would. */
final class Reading implements AutoCloseable {
  private static final ReadClock CLOCK = new ReadClock(0, 0);

  final List<String> lines = new ArrayList<>();
  private final TextFileSource source;
  private final SplitEnumerator<FileSplit> enumerator;
  private final TextFileReader reader;

  Reading(TextFileSource source) throws Exception {
    this(source, Optional.empty(), List.of(), List.of());
  }

  private Reading(
      TextFileSource source,
      Optional<byte[]> enumerated,
      List<FileSplit> splits,
      List<String> before)
      throws Exception {
    ClassLoader loader = Reading.class.getClassLoader();
    this.source = source;
    this.enumerator = source.enumerator(new EnumeratorContext("in/splits", 1, loader), enumerated);
    this.reader = (TextFileReader) source.reader(new ReaderContext("in", 0, 1, loader));
    lines.addAll(before);
    for (FileSplit split : splits) {
      reader.add(split);
    }
  }

  static List<String> all(TextFileSource source) throws Exception {
    try (var reading = new Reading(source)) {
      while (reading.step(100)) {}
      return reading.lines;
    }
  }

  /** False once all is read. */
  boolean step(int limit) throws Exception {
    if (reader.poll(new Lines(), limit, CLOCK) == Progress.NEED_SPLIT) {
      Optional<FileSplit> next = enumerator.next(0);
      if (next.isEmpty()) {
        return !enumerator.finishedFor(0);
      }
      reader.add(next.get());
    }
    return true;
  }

  /** The reader has all splits. */
  void takeAll() throws Exception {
    for (var next = enumerator.next(0); next.isPresent(); next = enumerator.next(0)) {
      reader.add(next.get());
    }
  }

  void pauseOrResume(List<String> pause, List<String> resume) {
    reader.pauseOrResumeSplits(pause, resume);
  }

  List<FileSplit> left() {
    return reader.snapshot();
  }

  /** What would go on after a crash right now. */
  Reading restored() throws Exception {
    return new Reading(source, Optional.of(enumerator.snapshot()), reader.snapshot(), lines);
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private final class Lines implements ReaderOutput<String> {
    @Override
    public void collect(String value) {
      lines.add(value);
    }

    @Override
    public void collect(String value, long timestamp) {
      throw new AssertionError("lines have no time");
    }

    @Override
    public void emitWatermark(long watermark) {
      throw new AssertionError("lines have no time");
    }

    @Override
    public void markIdle() {
      throw new AssertionError("lines have no time");
    }

    @Override
    public void markActive() {
      throw new AssertionError("lines have no time");
    }

    @Override
    public ReaderOutput<String> createOutputForSplit(String splitId) {
      return this;
    }

    @Override
    public void releaseOutputForSplit(String splitId) {}
  }
}
