package io.millrace.it.ledger;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Another sink, whose writers also note when they get records: in a file of its own for each
 * attempt, in one directory for each subtask, the wall clock's time in milliseconds in each line. A
 * file is as good after its process was killed as before.
 *
 * @param directory on this machine's disk
 */
record TimedSink<T>(Sink<T> sink, String directory) implements Sink<T> {
  /** A record that comes sooner after the last time noted is not noted. */
  static final long RESOLUTION_MILLIS = 10;

  @Override
  public void validate(Scope scope) throws Exception {
    sink.validate(scope);
  }

  @Override
  public void acquire(Scope scope) throws Exception {
    sink.acquire(scope);
  }

  @Override
  public long resume(Scope scope, long checkpoint) throws Exception {
    return sink.resume(scope, checkpoint);
  }

  @Override
  public SinkWriter<T> writer(WriterContext context) throws Exception {
    Path subtask = Files.createDirectories(Path.of(directory, "" + context.subtask()));
    return new Writer<>(
        sink.writer(context), Files.newOutputStream(subtask.resolve(context.attempt())));
  }

  @Override
  public void commit(Scope scope, List<byte[]> committables) throws Exception {
    sink.commit(scope, committables);
  }

  @Override
  public void rollback(Scope scope, long after, long upTo, List<byte[]> kept) throws Exception {
    sink.rollback(scope, after, upTo, kept);
  }

  @Override
  public void settle(Scope scope, boolean finished) throws Exception {
    sink.settle(scope, finished);
  }

  @Override
  public boolean blocking() {
    return sink.blocking();
  }

  private static final class Writer<T> implements SinkWriter<T> {
    private final SinkWriter<T> writer;
    private final OutputStream times;
    private long last;

    Writer(SinkWriter<T> writer, OutputStream times) {
      this.writer = writer;
      this.times = times;
    }

    @Override
    public void write(T value, long timestamp) throws Exception {
      long now = System.currentTimeMillis();
      if (now - last >= RESOLUTION_MILLIS) {
        last = now;
        times.write((now + "\n").getBytes(StandardCharsets.US_ASCII));
      }
      writer.write(value, timestamp);
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) throws Exception {
      return writer.prepare(checkpoint);
    }

    @Override
    public void close() throws Exception {
      try (times) {
        writer.close();
      }
    }
  }
}
