package io.millrace.runtime.host;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.Waker;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The consumer's end of a channel whose producer is in another process. The connection's thread
 * queues payloads; the consumer's thread makes elements of them and returns the credit.
 */
final class RemoteIn implements InChannel {
  private final ChannelSpec spec;
  private final String peer;
  private final Waker waker;
  private final Runnable onClose;
  private final ConcurrentLinkedQueue<byte[]> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicInteger untaken = new AtomicInteger();
  private volatile String broken;
  private volatile Element.Barrier announced = Element.Barrier.NONE;

  // Used by the connection's thread only.
  private long expectedSequence;

  // Used by the consumer's thread only.
  private int owedCredit;

  // Guarded by this.
  private Channel connection;
  private int number;
  private boolean requestWaits;
  private boolean closed;

  RemoteIn(ChannelSpec spec, String peer, Waker waker, Runnable onClose) {
    this.spec = spec;
    this.peer = peer;
    this.waker = waker;
    this.onClose = onClose;
  }

  ChannelSpec spec() {
    return spec;
  }

  @Override
  public Element poll() {
    // Read before the queue, so that nothing that came before the break is lost.
    String reason = broken;
    byte[] payload = arrived.poll();
    if (payload == null) {
      if (reason != null) {
        throw new ChannelBrokenException(reason);
      }
      return null;
    }
    boolean batch = payload[0] == DataFrames.BATCH;
    if (batch) {
      int cost = DataFrames.cost(payload.length, spec.capacity());
      untaken.addAndGet(-cost);
      owedCredit += cost;
    }
    giveBack(batch);
    try {
      return DataFrames.readElement(payload, spec.records(), spec.loader());
    } catch (CorruptDataException e) {
      throw new ChannelBrokenException(
          "what " + peer + " sent in channel " + spec.id() + " cannot be read: " + e.getMessage());
    }
  }

  @Override
  public boolean isEmpty() {
    return arrived.isEmpty() && broken == null;
  }

  @Override
  public Element.Barrier announced() {
    return announced;
  }

  /** They stay the bytes that they are. */
  @Override
  public List<InFlight> before(long checkpoint, Serializer<Object> records) {
    var before = new ArrayList<InFlight>();
    for (byte[] payload : arrived) {
      if (DataFrames.announcement(payload) == checkpoint) {
        return before;
      }
      InFlight element = DataFrames.inFlight(payload);
      if (element != null) {
        before.add(element);
      }
    }
    throw new IllegalStateException(
        "no barrier of checkpoint " + checkpoint + " stands in channel " + spec.id());
  }

  @Override
  public synchronized void request() {
    if (connection == null) {
      requestWaits = true;
    } else {
      connection.writeAndFlush(DataFrames.request(number), connection.voidPromise());
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      if (connection != null) {
        connection.writeAndFlush(DataFrames.unsubscribe(number), connection.voidPromise());
        connection = null;
      }
    }
    arrived.clear();
    onClose.run();
  }

  /**
   * Several returns go together as long as batches stand in the queue, whose turn will be the next.
   * Behind anything else there may be none: a producer that waits for all its credit, as it does
   * with a large record, would wait for ever.
   */
  private void giveBack(boolean afterBatch) {
    boolean due = !afterBatch || owedCredit * 2 >= spec.capacity() || arrived.isEmpty();
    if (due && owedCredit > 0) {
      synchronized (this) {
        if (connection != null) {
          connection.writeAndFlush(DataFrames.credit(number, owedCredit), connection.voidPromise());
        }
      }
      owedCredit = 0;
    }
  }

  /** There is a connection: asks the producer for the channel. */
  synchronized void attach(Channel producer, int channelNumber) {
    if (closed) {
      return;
    }
    connection = producer;
    number = channelNumber;
    producer.write(
        DataFrames.subscribe(channelNumber, spec.id(), spec.capacity()), producer.voidPromise());
    if (requestWaits) {
      requestWaits = false;
      producer.write(DataFrames.request(channelNumber), producer.voidPromise());
    }
    producer.flush();
  }

  void arrive(byte[] payload) {
    long sequence = DataFrames.sequence(payload);
    if (sequence != expectedSequence) {
      throw new Frames.BadFrameException(
          "element "
              + sequence
              + " of channel "
              + spec.id()
              + " came when "
              + expectedSequence
              + " was due");
    }
    expectedSequence++;
    if (payload[0] == DataFrames.BATCH) {
      int now = untaken.addAndGet(DataFrames.cost(payload.length, spec.capacity()));
      if (now > spec.capacity()) {
        throw new Frames.BadFrameException(
            "channel " + spec.id() + " was sent more than its credit of " + spec.capacity());
      }
    }
    arrived.add(payload);
    if (DataFrames.announcement(payload) > announced.checkpoint()) {
      announced = (Element.Barrier) DataFrames.readElement(payload, spec.records(), spec.loader());
    }
    waker.wake();
  }

  void breakOff(String reason) {
    synchronized (this) {
      connection = null;
    }
    broken = reason;
    waker.wake();
  }
}
