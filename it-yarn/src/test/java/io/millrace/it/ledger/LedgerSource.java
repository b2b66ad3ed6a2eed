package io.millrace.it.ledger;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the book, each partition in order, as a live feed would bring it: entry {@code n} of a
 * partition is there {@code n / perSecond} seconds after the first one was read. What was missed
 * during a failure is read as fast as the job takes it. Watermarks are exact: no entry is late.
 */
record LedgerSource(Book book) implements Source<Entry, LedgerSource.Share> {

  /** The partitions of a reader. */
  record Share(List<Lane> lanes) {}

  /**
   * How far a partition is read.
   *
   * @param startMillis the wall clock's time at which its first entry was due, 0 before it was read
   */
  record Lane(int partition, long next, long startMillis) {}

  @Override
  public boolean bounded() {
    return true;
  }

  @Override
  public Class<Share> splitType() {
    return Share.class;
  }

  @Override
  public SplitEnumerator<Share> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
    return new Shares(book.partitions(), context.readers(), restored);
  }

  @Override
  public SourceReader<Entry, Share> reader(ReaderContext context) {
    return new Reader(book);
  }

  /** Gives each reader its share, once. */
  private static final class Shares implements SplitEnumerator<Share> {
    private final int partitions;
    private final int readers;
    private final boolean[] given;

    Shares(int partitions, int readers, Optional<byte[]> restored) {
      this.partitions = partitions;
      this.readers = readers;
      this.given = new boolean[partitions];
      restored.ifPresent(
          bytes -> {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            for (int i = 0; i < partitions; i++) {
              given[i] = in.get() != 0;
            }
          });
    }

    @Override
    public Optional<Share> next(int reader) {
      var lanes = new ArrayList<Lane>();
      for (int partition = reader; partition < partitions; partition += readers) {
        if (!given[partition]) {
          given[partition] = true;
          lanes.add(new Lane(partition, 0, 0));
        }
      }
      return lanes.isEmpty() ? Optional.empty() : Optional.of(new Share(List.copyOf(lanes)));
    }

    @Override
    public boolean finishedFor(int reader) {
      for (int partition = reader; partition < partitions; partition += readers) {
        if (!given[partition]) {
          return false;
        }
      }
      return true;
    }

    @Override
    public byte[] snapshot() {
      ByteBuffer out = ByteBuffer.allocate(partitions);
      for (boolean each : given) {
        out.put((byte) (each ? 1 : 0));
      }
      return out.array();
    }
  }

  /** Reads its partitions in turn. */
  private static final class Reader implements SourceReader<Entry, Share> {
    private final Book book;
    private final List<Lane> lanes = new ArrayList<>();

    /** Names of lanes that are ahead of others. */
    private final Set<String> paused = new HashSet<>();

    private int turn;

    Reader(Book book) {
      this.book = book;
    }

    @Override
    public void add(Share share) {
      lanes.addAll(share.lanes());
    }

    @Override
    public Progress poll(ReaderOutput<Entry> output, int limit, ReadClock clock) {
      if (lanes.isEmpty()) {
        return Progress.NEED_SPLIT;
      }
      // All of them, before a record of one of them moves event time.
      for (Lane lane : lanes) {
        outputOf(lane, output);
      }
      boolean more = false;
      int each = Math.max(1, limit / lanes.size());
      for (int i = 0; i < lanes.size(); i++) {
        int at = (turn + i) % lanes.size();
        if (paused.contains(nameOf(lanes.get(at)))) {
          continue;
        }
        Lane lane = read(outputOf(lanes.get(at), output), each, lanes.get(at), clock.wallMillis());
        lanes.set(at, lane);
        more |= lane.next() < due(lane, clock.wallMillis());
      }
      turn++;
      for (Lane lane : List.copyOf(lanes)) {
        if (lane.next() == book.entries()) {
          output.releaseOutputForSplit(nameOf(lane));
          lanes.remove(lane);
        }
      }
      return lanes.isEmpty() ? Progress.NEED_SPLIT : more ? Progress.MORE : Progress.WAITING;
    }

    @Override
    public void pauseOrResumeSplits(Collection<String> pause, Collection<String> resume) {
      paused.addAll(pause);
      paused.removeAll(resume);
    }

    private static SourceOutput<Entry> outputOf(Lane lane, ReaderOutput<Entry> output) {
      return output.createOutputForSplit(nameOf(lane));
    }

    private static String nameOf(Lane lane) {
      return "partition-" + lane.partition();
    }

    private Lane read(SourceOutput<Entry> output, int limit, Lane lane, long now) {
      long start = lane.startMillis() == 0 ? now : lane.startMillis();
      var begun = new Lane(lane.partition(), lane.next(), start);
      long end = Math.min(due(begun, now), lane.next() + limit);
      for (long seq = lane.next(); seq < end; seq++) {
        Entry entry = book.entry(lane.partition(), seq);
        output.collect(entry, entry.time());
      }
      output.emitWatermark(book.earliest(end) - 1);
      return new Lane(lane.partition(), end, start);
    }

    /** The first entry that is not due yet. */
    private long due(Lane lane, long now) {
      long due = (now - lane.startMillis()) * book.perSecond() / 1_000 + 1;
      return Math.max(lane.next(), Math.min(book.entries(), due));
    }

    /** One for each lane, so that another number of readers gets equal shares. */
    @Override
    public List<Share> snapshot() {
      return lanes.stream().map(lane -> new Share(List.of(lane))).toList();
    }
  }
}
