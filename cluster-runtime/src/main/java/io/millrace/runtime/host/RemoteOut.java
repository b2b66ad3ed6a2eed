package io.millrace.runtime.host;

import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The producer's end of a channel whose consumer is in another process. Elements become bytes when
 * they are sent; frames wait here, in order, until there is a connection and credit for them.
 */
final class RemoteOut implements OutChannel {
  private final ChannelSpec spec;
  private final Waker waker;
  private final DataFrames.ElementWriter writer;
  private final Runnable onClose;

  private volatile boolean credited;
  private volatile boolean requested;
  private volatile String broken;

  // Guarded by this: the producer's thread sends, the connection's brings credit.
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private Channel connection;
  private int number;
  private int window;
  private int credit;
  private long sequence;

  /** Of checkpoints: the newest barrier that was handed over, and the newest that has gone. */
  private long barrier = -1;

  private long barrierSent = -1;

  RemoteOut(ChannelSpec spec, Waker waker, long maxRecord, Runnable onClose) {
    this.spec = spec;
    this.waker = waker;
    this.writer = new DataFrames.ElementWriter(spec, maxRecord);
    this.onClose = onClose;
  }

  @Override
  public boolean hasCredit() {
    return credited;
  }

  @Override
  public void send(Element element) {
    var frames = writer.write(element);
    synchronized (this) {
      waiting.addAll(frames);
      barrier = Math.max(barrier, DataFrames.announcementOf(frames.get(0)));
      drain();
    }
  }

  @Override
  public List<InFlight> overtake(Element.Barrier element) {
    long checkpoint = element.checkpoint();
    byte[] frame = writer.write(element).get(0);
    var overtaken = new ArrayList<InFlight>();
    synchronized (this) {
      if (barrierSent >= checkpoint || broken != null) {
        return List.of();
      }
      boolean handedOver = barrier >= checkpoint;
      var behind = new ArrayDeque<byte[]>();
      while (!waiting.isEmpty()) {
        byte[] next = waiting.pollFirst();
        if (handedOver && DataFrames.announcementOf(next) == checkpoint) {
          break; // what follows was behind it all along
        }
        behind.addLast(next);
        InFlight each = DataFrames.inFlightOf(next);
        if (each != null) {
          overtaken.add(each);
        }
      }
      while (!behind.isEmpty()) {
        waiting.addFirst(behind.pollLast());
      }
      waiting.addFirst(frame);
      barrier = Math.max(barrier, checkpoint);
      drain();
    }
    return overtaken;
  }

  @Override
  public synchronized boolean passed() {
    return barrierSent >= barrier;
  }

  @Override
  public boolean takeRequest() {
    if (!requested) {
      return false;
    }
    requested = false;
    return true;
  }

  @Override
  public void check() {
    String reason = broken;
    if (reason != null) {
      throw new ChannelBrokenException(reason);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      connection = null;
      waiting.clear();
      credited = false;
      broken = "channel " + spec.id() + " is closed";
    }
    onClose.run();
  }

  /** The consumer has come for the channel; false if there is one already. */
  synchronized boolean attach(Channel consumer, int channelNumber, int initialCredit) {
    if (connection != null || broken != null) {
      return false;
    }
    connection = consumer;
    number = channelNumber;
    window = initialCredit;
    credit = initialCredit;
    drain();
    if (credited) {
      waker.wake();
    }
    return true;
  }

  synchronized void addCredit(int more) {
    if (more < 1 || more > window - credit) {
      throw new Frames.BadFrameException(
          "credit of " + more + " for channel " + spec.id() + " exceeds its window of " + window);
    }
    boolean before = credited;
    credit += more;
    drain();
    if (credited && !before) {
      waker.wake();
    }
  }

  void request() {
    requested = true;
    waker.wake();
  }

  void breakOff(String reason) {
    synchronized (this) {
      connection = null;
      credited = false;
      waiting.clear();
    }
    broken = reason;
    waker.wake();
  }

  private void drain() {
    if (connection == null) {
      return;
    }
    while (!waiting.isEmpty()) {
      byte[] next = waiting.peekFirst();
      int cost =
          DataFrames.isBatch(next) ? DataFrames.cost(DataFrames.payloadLength(next), window) : 0;
      if (cost > credit) {
        break;
      }
      credit -= cost;
      waiting.pollFirst();
      barrierSent = Math.max(barrierSent, DataFrames.announcementOf(next));
      connection.writeAndFlush(
          DataFrames.address(next, number, sequence++), connection.voidPromise());
    }
    credited = waiting.isEmpty() && credit > 0;
  }
}
