package io.millrace.simulator;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceOutput;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SourceSplit;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.simulator.RandomJob.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Numbered items, dealt to lanes, each of which falls silent for a while now and then, as nobody
 * writes to it, and comes back with what is older than all that the others have brought meanwhile.
 *
 * @param everyMillis between two items of a lane that is not silent
 * @param silentEach about every how many items of a lane it falls silent
 */
record Lanes(
    int source, int lanes, int keys, long count, int everyMillis, int silentMillis, int silentEach)
    implements Source<Item, Lanes.Lane> {

  /** What is left of a lane. */
  record Lane(int number, long next) implements SourceSplit {
    @Override
    public String splitId() {
      return "lane " + number;
    }
  }

  @Override
  public boolean bounded() {
    return true;
  }

  @Override
  public Class<Lane> splitType() {
    return Lane.class;
  }

  @Override
  public SplitEnumerator<Lane> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
    var left = new ArrayList<Lane>();
    if (restored.isEmpty()) {
      for (int lane = 0; lane < lanes; lane++) {
        left.add(new Lane(lane, lane));
      }
    } else {
      var in = new DataReader(restored.get());
      for (int lanesLeft = in.readCount(); lanesLeft > 0; lanesLeft--) {
        left.add(new Lane(in.readInt(), in.readLong()));
      }
    }
    return new Dealer(left, context.readers());
  }

  @Override
  public SourceReader<Item, Lane> reader(ReaderContext context) {
    return new Reader(LedgerLoader.outsideIn(context.userClassLoader()));
  }

  /** Deals the lanes to the readers like cards. */
  private record Dealer(List<Lane> left, int readers) implements SplitEnumerator<Lane> {
    private boolean isFor(int reader, Lane lane) {
      return lane.number % readers == reader;
    }

    @Override
    public Optional<Lane> next(int reader) {
      Optional<Lane> found = left.stream().filter(lane -> isFor(reader, lane)).findFirst();
      found.ifPresent(left::remove);
      return found;
    }

    @Override
    public boolean finishedFor(int reader) {
      return left.stream().noneMatch(lane -> isFor(reader, lane));
    }

    @Override
    public byte[] snapshot() {
      var out = new DataWriter();
      out.writeVarInt(left.size());
      for (Lane lane : left) {
        out.writeInt(lane.number);
        out.writeLong(lane.next);
      }
      return out.toByteArray();
    }
  }

  /** Begins once it has all of its lanes. A silence is forgotten at a failure. */
  private final class Reader implements SourceReader<Item, Lane> {
    private final TreeMap<Integer, Long> next = new TreeMap<>();
    private final TreeMap<Integer, Long> dueMillis = new TreeMap<>();
    private final Optional<Outside> outside;
    private boolean hasAll;

    Reader(Optional<Outside> outside) {
      this.outside = outside;
    }

    @Override
    public void add(Lane lane) {
      next.put(lane.number, lane.next);
      dueMillis.put(lane.number, 0L);
    }

    @Override
    public void notifyNoMoreSplits() {
      hasAll = true;
    }

    @Override
    public Progress poll(ReaderOutput<Item> output, int limit, ReadClock clock) {
      if (!hasAll) {
        return Progress.NEED_SPLIT;
      }
      for (int lane : List.copyOf(next.keySet())) {
        if (dueMillis.get(lane) <= clock.monotonicMillis()) {
          read(lane, output, clock.monotonicMillis());
        }
      }
      return next.isEmpty() ? Progress.NEED_SPLIT : Progress.WAITING;
    }

    private void read(int lane, ReaderOutput<Item> output, long now) {
      String id = new Lane(lane, 0).splitId();
      long number = next.get(lane);
      if (number < count) {
        SourceOutput<Item> out = output.createOutputForSplit(id);
        int key = (int) (RandomJob.mix(number) % keys);
        out.collect(new Item(source, (int) (number % lanes), number, key));
      }
      if (number + lanes >= count) {
        output.releaseOutputForSplit(id);
        next.remove(lane);
        dueMillis.remove(lane);
        return;
      }
      next.put(lane, number + lanes);
      boolean silent = RandomJob.mix(~number) % silentEach == 0;
      if (silent) {
        outside.ifPresent(world -> world.hit("a split fell silent"));
      }
      dueMillis.put(lane, now + (silent ? silentMillis : everyMillis));
    }

    @Override
    public List<Lane> snapshot() {
      var lanes = new ArrayList<Lane>();
      next.forEach((lane, number) -> lanes.add(new Lane(lane, number)));
      return lanes;
    }

    @Override
    public long nextPollMillis(ReadClock clock) {
      return dueMillis.values().stream().min(Long::compare).orElse(clock.monotonicMillis());
    }
  }
}
