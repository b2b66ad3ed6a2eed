package io.millrace.runtime.task;

import io.millrace.api.config.Configuration;
import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge;
import io.millrace.api.graph.Vertex;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.plan.EdgeId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Everything that leaves a task. It always accepts; what finds no credit waits in order, and the
 * task takes no new input until it is gone. That is at most what one record or one timer emits;
 * what is too much of it for memory goes to local disk.
 */
final class Outbox {
  private static final int SMALLEST_ROOM = 16;
  private static final long NEVER = Long.MIN_VALUE;

  private final int batchRecords;
  private final int channelBatches;
  private final Overflow overflow;
  private final List<Outlet> outlets = new ArrayList<>();
  private long nowMillis;
  private long flushAtMillis = Long.MAX_VALUE;
  private boolean flushWanted;
  private int excess;
  private long recordsOut;

  /**
   * @param batchRecords most records in a batch
   * @param channelBatches most batches that wait in a channel
   */
  Outbox(int batchRecords, int channelBatches, Overflow overflow) {
    this.batchRecords = batchRecords;
    this.channelBatches = channelBatches;
    this.overflow = overflow;
  }

  /** Whose records take a way out, and how long one may wait there for its batch to fill. */
  record Owner(String name, long timeoutMillis) {
    static Owner of(Vertex vertex, Configuration settings) {
      Duration timeout =
          vertex.bufferTimeout().orElseGet(() -> settings.get(JobSettings.BUFFER_TIMEOUT));
      return new Owner(vertex.name(), timeout.toMillis());
    }
  }

  /**
   * A new way out.
   *
   * @param owner the operator whose records take it
   * @param channels each gets every batch
   * @param records serializer of what goes there; {@code null} where no records go
   * @param splits whether it leads to readers: only barriers and what is sent by hand go there
   */
  Outlet outlet(
      Owner owner, List<OutChannel> channels, Serializer<Object> records, boolean splits) {
    return added(new Outlet(owner, channels, records, splits, Optional.empty()));
  }

  /** A new way out on which barriers may overtake. */
  Outlet outlet(Owner owner, OutChannel channel, Serializer<Object> records, Lane lane) {
    return added(new Outlet(owner, List.of(channel), records, false, Optional.of(lane)));
  }

  private Outlet added(Outlet outlet) {
    outlets.add(outlet);
    return outlet;
  }

  /** How a checkpoint names a channel. */
  record Lane(
      EdgeId edge,
      Edge.Partitioning partitioning,
      int producer,
      int producers,
      int consumer,
      int consumers,
      int maxParallelism) {
    FrozenChannel sent(List<InFlight> elements, Serializer<Object> records) {
      return new FrozenChannel(
          edge,
          partitioning,
          false,
          producer,
          producers,
          consumer,
          consumers,
          maxParallelism,
          elements,
          records);
    }
  }

  void now(long monotonicMillis) {
    nowMillis = monotonicMillis;
  }

  /** Whether something waits for credit. */
  boolean blocked() {
    return excess > 0;
  }

  /** Sends what waits and may go. */
  void drain() {
    overflow.sweep();
    if (excess > 0) {
      for (Outlet outlet : outlets) {
        outlet.drain();
      }
    }
    if (flushWanted || flushAtMillis <= nowMillis) {
      flush();
    }
  }

  /** Sends batches that are not full, where there is credit; elsewhere they go on filling. */
  void flush() {
    flushAtMillis = Long.MAX_VALUE;
    flushWanted = false;
    for (Outlet outlet : outlets) {
      flushWanted |= !outlet.flushIfCredit();
    }
  }

  /** Behind everything that was emitted, in all channels. */
  void control(Element.Control element) {
    for (Outlet outlet : outlets) {
      if (!outlet.splits || element instanceof Element.Barrier) {
        outlet.send(element);
      }
    }
  }

  /** As {@link #control}; where barriers may overtake, before everything that waits. */
  List<FrozenChannel> overtake(Element.Barrier barrier) {
    var overtaken = new ArrayList<FrozenChannel>();
    for (Outlet outlet : outlets) {
      if (outlet.lane.isPresent()) {
        outlet.sendBatch();
        outlet.overtake(barrier, true, overtaken);
      } else {
        outlet.send(barrier);
      }
    }
    return overtaken;
  }

  /** Lets the barrier, which was emitted before, overtake where it may and still waits. */
  List<FrozenChannel> expedite(Element.Barrier barrier) {
    var overtaken = new ArrayList<FrozenChannel>();
    for (Outlet outlet : outlets) {
      if (outlet.lane.isPresent()) {
        outlet.overtake(barrier, false, overtaken);
      }
    }
    return overtaken;
  }

  /** Whether the barrier of the checkpoint waits nowhere where it might overtake. */
  boolean passed(long checkpoint) {
    for (Outlet outlet : outlets) {
      if (outlet.lane.isPresent() && !outlet.passed(checkpoint)) {
        return false;
      }
    }
    return true;
  }

  /** Which outputs wait for credit, for people. */
  String standing() {
    var waiting = new ArrayList<String>();
    for (Outlet outlet : outlets) {
      for (Gate gate : outlet.gates) {
        if (!gate.waiting.isEmpty()) {
          String way = outlet.lane.map(lane -> lane.edge() + "/" + lane.consumer()).orElse("");
          waiting.add(gate.waiting.size() + " of '" + outlet.owner.name + "' " + way);
        }
      }
    }
    return waiting.isEmpty() ? "no output waits" : "outputs wait for credit: " + waiting;
  }

  /** The monotonic time of the next {@link #drain} that no waker will ask for. */
  long flushAtMillis() {
    return flushAtMillis;
  }

  long recordsOut() {
    return recordsOut;
  }

  /** Bytes that wait in memory, and on disk. */
  Overflow overflow() {
    return overflow;
  }

  /** Drops what still waits. */
  void close() {
    for (Outlet outlet : outlets) {
      for (Gate gate : outlet.gates) {
        gate.waiting.clear();
      }
    }
    excess = 0;
    overflow.close();
  }

  /** Fails if a consumer is gone. */
  void check() {
    for (Outlet outlet : outlets) {
      for (Gate gate : outlet.gates) {
        gate.channel.check();
      }
    }
  }

  int batchRecords() {
    return batchRecords;
  }

  /** Collects records into batches for one channel, or the same batches for several. */
  final class Outlet {
    private final Owner owner;
    private final Gate[] gates;
    private final Serializer<Object> records;
    private final boolean splits;

    /** Of its only channel, if barriers may overtake there. */
    private final Optional<Lane> lane;

    private final BatchSize enough = new BatchSize(batchRecords, channelBatches);
    private Object[] values;
    private long[] timestamps;
    private int size;
    private int room = SMALLEST_ROOM;

    private Outlet(
        Owner owner,
        List<OutChannel> channels,
        Serializer<Object> records,
        boolean splits,
        Optional<Lane> lane) {
      this.owner = owner;
      this.lane = lane;
      this.records = records;
      this.gates = channels.stream().map(Gate::new).toArray(Gate[]::new);
      this.splits = splits;
      makeRoom();
    }

    private void makeRoom() {
      room = Math.min(room, batchRecords);
      values = new Object[room];
      timestamps = new long[room];
      size = 0;
    }

    void collect(Object value, long timestamp) {
      if (size == values.length) {
        grow();
      }
      values[size] = value;
      timestamps[size++] = timestamp;
      if (size >= enough.records() && (size == batchRecords || !waits())) {
        sendFull();
      } else if (size == 1) {
        flushAtMillis = Math.min(flushAtMillis, nowMillis + owner.timeoutMillis);
      }
    }

    /** Whether the task is to take nothing in on account of this way, and only emits the rest. */
    private boolean waits() {
      for (Gate gate : gates) {
        if (!gate.waiting.isEmpty()) {
          return true;
        }
      }
      return false;
    }

    private void sendFull() {
      boolean waited = waits();
      sendBatch();
      if (!waited && !waits()) {
        enough.passed();
      }
    }

    private void grow() {
      int larger = Math.min(batchRecords, 2 * values.length);
      values = Arrays.copyOf(values, larger);
      timestamps = Arrays.copyOf(timestamps, larger);
    }

    void send(Element.Control element) {
      sendBatch();
      toGates(element);
    }

    /** Whether nothing is left that should go. */
    private boolean flushIfCredit() {
      if (size == 0) {
        return true;
      }
      for (Gate gate : gates) {
        if (!gate.open()) {
          return false;
        }
      }
      sendBatch();
      return true;
    }

    private void sendBatch() {
      if (size > 0) {
        var batch = new Batch(values, timestamps, size);
        recordsOut += size;
        // The last batch tells how much room the next one will need.
        room = Math.max(SMALLEST_ROOM, Integer.highestOneBit(Math.max(1, size - 1)) << 1);
        makeRoom();
        toGates(batch);
      }
    }

    private void toGates(Element element) {
      try {
        List<Overflow.Piece> pieces = null;
        for (Gate gate : gates) {
          if (!gate.lets(element)) {
            // The same ones wait in all gates that are closed.
            pieces = pieces == null ? overflow.keep(element, records) : pieces;
            gate.await(pieces, enough);
          }
        }
      } catch (RuntimeException | Error e) {
        throw OperatorFailedException.at(
            owner.name, e); // what a serializer of the record type throws
      }
    }

    /**
     * @param fresh whether the barrier was not emitted before
     */
    private void overtake(Element.Barrier barrier, boolean fresh, List<FrozenChannel> into) {
      try {
        List<InFlight> overtaken = gates[0].overtake(barrier, fresh, records);
        if (!overtaken.isEmpty()) {
          into.add(lane.orElseThrow().sent(overtaken, records));
        }
      } catch (RuntimeException | Error e) {
        throw OperatorFailedException.at(
            owner.name, e); // what a serializer of the record type throws
      }
    }

    private boolean passed(long checkpoint) {
      return gates[0].passed(checkpoint);
    }

    private void drain() {
      try {
        for (Gate gate : gates) {
          gate.drain(records, enough);
        }
      } catch (RuntimeException | Error e) {
        throw OperatorFailedException.at(owner.name, e);
      }
    }
  }

  /** One channel and what waits in front of it. */
  private final class Gate {
    private final OutChannel channel;
    private final ArrayDeque<Overflow.Piece> waiting = new ArrayDeque<>();

    /** Of the batches sent last, as many as fill a channel; {@code next} is the oldest. */
    private final int[] sizes = new int[channelBatches];

    private int next;

    /** When the channel was found full the last time, and what has been sent since. */
    private long fullMillis = NEVER;

    private int batches;

    /** Records in those that as many have taken the place of. */
    private long replaced;

    Gate(OutChannel channel) {
      this.channel = channel;
    }

    boolean open() {
      return waiting.isEmpty() && channel.hasCredit();
    }

    /** Sends the element, unless something waits before it or it has to wait for credit. */
    boolean lets(Element element) {
      if (waiting.isEmpty() && (element instanceof Element.Control || channel.hasCredit())) {
        send(element);
        return true;
      }
      return false;
    }

    void await(List<Overflow.Piece> pieces, BatchSize enough) {
      if (waiting.isEmpty() && !pieces.get(0).isControl()) {
        full(enough);
      }
      for (Overflow.Piece piece : pieces) {
        waiting.add(piece.shared());
        excess++;
      }
    }

    List<InFlight> overtake(Element.Barrier barrier, boolean fresh, Serializer<Object> records) {
      var before = new ArrayList<Overflow.Piece>();
      boolean waits = fresh;
      for (var pieces = waiting.iterator(); pieces.hasNext(); ) {
        Overflow.Piece piece = pieces.next();
        if (piece.isBarrierOf(barrier.checkpoint())) {
          pieces.remove();
          excess--;
          overflow.take(piece, records);
          waits = true;
          break;
        }
        before.add(piece);
      }
      var overtaken = new ArrayList<>(channel.overtake(barrier));
      if (waits) { // else it is in the channel, and what waits here is behind it
        for (Overflow.Piece piece : before) {
          InFlight each = overflow.inFlight(piece, records);
          if (each != null) {
            overtaken.add(each);
          }
        }
      }
      return overtaken;
    }

    boolean passed(long checkpoint) {
      for (Overflow.Piece piece : waiting) {
        if (piece.isBarrierOf(checkpoint)) {
          return false;
        }
      }
      return channel.passed();
    }

    void drain(Serializer<Object> records, BatchSize enough) {
      int before = batches;
      while (!waiting.isEmpty() && (waiting.peek().isControl() || channel.hasCredit())) {
        excess--;
        send(overflow.take(waiting.poll(), records));
      }
      if (!waiting.isEmpty() && batches > before) {
        full(enough);
      }
    }

    private void send(Element element) {
      if (element instanceof Batch batch) {
        batches++;
        replaced += sizes[next];
        sizes[next] = batch.size();
        next = next + 1 < sizes.length ? next + 1 : 0;
      }
      channel.send(element);
    }

    private void full(BatchSize enough) {
      if (fullMillis != NEVER) {
        enough.full(nowMillis - fullMillis, batches, replaced);
      }
      fullMillis = nowMillis;
      batches = 0;
      replaced = 0;
    }
  }
}
