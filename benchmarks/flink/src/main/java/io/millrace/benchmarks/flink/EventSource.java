package io.millrace.benchmarks.flink;

import io.millrace.benchmarks.workloads.Workload;
import io.millrace.benchmarks.workloads.events.Event;
import io.millrace.benchmarks.workloads.events.EventGenerator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Events from number 0 on, of which each reader emits every p-th. */
record EventSource(long events) implements Source<Event, EventSource.Share, EventSource.Nothing> {
  /** What one reader has still to emit. */
  record Share(int reader, long next) implements SourceSplit {
    @Override
    public String splitId() {
      return Integer.toString(reader);
    }
  }

  /** All that there is to remember once every reader has its share. */
  record Nothing() {}

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SourceReader<Event, Share> createReader(SourceReaderContext context) {
    return new Reader(events);
  }

  @Override
  public SplitEnumerator<Share, Nothing> createEnumerator(SplitEnumeratorContext<Share> context) {
    return new Enumerator(context);
  }

  @Override
  public SplitEnumerator<Share, Nothing> restoreEnumerator(
      SplitEnumeratorContext<Share> context, Nothing nothing) {
    throw new IllegalStateException("a run in which something failed is not worth its figures");
  }

  @Override
  public SimpleVersionedSerializer<Share> getSplitSerializer() {
    return new ShareSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Nothing> getEnumeratorCheckpointSerializer() {
    return new NothingSerializer();
  }

  private record Enumerator(SplitEnumeratorContext<Share> context)
      implements SplitEnumerator<Share, Nothing> {
    @Override
    public void start() {}

    @Override
    public void addReader(int reader) {
      context.assignSplit(new Share(reader, reader), reader);
      context.signalNoMoreSplits(reader);
    }

    @Override
    public void handleSplitRequest(int reader, String host) {}

    @Override
    public void addSplitsBack(List<Share> shares, int reader) {
      throw new IllegalStateException("a run in which something failed is not worth its figures");
    }

    @Override
    public Nothing snapshotState(long checkpoint) {
      return new Nothing();
    }

    @Override
    public void close() {}
  }

  private static final class Reader implements SourceReader<Event, Share> {
    /** Emitted in a call: one at a time would be what most sources do, and slower. */
    private static final int BATCH = 256;

    private final long events;
    private final CompletableFuture<Void> available = new CompletableFuture<>();
    private Share share;

    Reader(long events) {
      this.events = events;
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<Event> output) {
      if (share == null) {
        return InputStatus.NOTHING_AVAILABLE;
      }
      long number = share.next;
      long end = Math.min(events, number + BATCH * Workload.PARALLELISM);
      for (; number < end; number += Workload.PARALLELISM) {
        Event event = EventGenerator.event(number);
        output.collect(event, event.time);
      }
      share = new Share(share.reader, number);
      return number < events ? InputStatus.MORE_AVAILABLE : InputStatus.END_OF_INPUT;
    }

    @Override
    public List<Share> snapshotState(long checkpoint) {
      return share == null ? new ArrayList<>() : new ArrayList<>(List.of(share));
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return available;
    }

    @Override
    public void addSplits(List<Share> shares) {
      share = shares.get(0);
      available.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }

  private static final class ShareSerializer implements SimpleVersionedSerializer<Share> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Share share) {
      return ByteBuffer.allocate(12).putInt(share.reader()).putLong(share.next()).array();
    }

    @Override
    public Share deserialize(int version, byte[] bytes) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      return new Share(buffer.getInt(), buffer.getLong());
    }
  }

  private static final class NothingSerializer implements SimpleVersionedSerializer<Nothing> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Nothing nothing) {
      return new byte[0];
    }

    @Override
    public Nothing deserialize(int version, byte[] bytes) {
      return new Nothing();
    }
  }
}
