package io.millrace.runtime.exchange;

import io.millrace.api.type.Serializer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * A channel inside one process: one producer, one consumer, elements handed over by reference.
 * Batches are limited by counting those sent and those taken; control elements are not limited.
 *
 * <p>The queue is a chain of nodes (Vyukov's unbounded single-producer single-consumer queue): the
 * producer owns the tail, the consumer the head, and they meet in a node's {@code next}. Each side
 * publishes with a volatile write and only then looks whether the other one sleeps, so no wake-up
 * is lost.
 */
final class LocalChannel {
  private static final VarHandle REQUESTED;

  static {
    try {
      REQUESTED =
          MethodHandles.lookup().findVarHandle(LocalChannel.class, "requested", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int capacity;
  private volatile Waker producerWaker = Waker.NONE;
  private volatile Waker consumerWaker = Waker.NONE;
  private volatile long taken;

  @SuppressWarnings("unused") // through REQUESTED
  private volatile boolean requested;

  /** Written by the producer after the barrier itself, so whoever reads it finds that. */
  private volatile Element.Barrier announced = Element.Barrier.NONE;

  private Node head = new Node(null);
  private Node tail = head;
  private long sent;

  LocalChannel(int capacity) {
    this.capacity = capacity;
  }

  OutChannel out(Waker waker, Runnable onClose) {
    producerWaker = waker;
    return new Out(onClose);
  }

  InChannel in(Waker waker, Runnable onClose) {
    consumerWaker = waker;
    return new In(onClose);
  }

  private static final class Node {
    final Element element;
    volatile Node next;

    Node(Element element) {
      this.element = element;
    }
  }

  private final class Out implements OutChannel {
    private final Runnable onClose;

    Out(Runnable onClose) {
      this.onClose = onClose;
    }

    @Override
    public boolean hasCredit() {
      return sent - taken < capacity;
    }

    @Override
    public void send(Element element) {
      if (element instanceof Batch) {
        sent++;
      }
      var node = new Node(element);
      tail.next = node;
      tail = node;
      if (element instanceof Element.Barrier barrier
          && barrier.purpose().isCheckpoint()
          // One that was given up may come after one that has overtaken it.
          && barrier.checkpoint() > announced.checkpoint()) {
        announced = barrier;
      }
      consumerWaker.wake();
    }

    /** Nothing waits at this end. */
    @Override
    public List<InFlight> overtake(Element.Barrier barrier) {
      if (announced.checkpoint() < barrier.checkpoint()) {
        send(barrier);
      }
      return List.of();
    }

    @Override
    public boolean passed() {
      return true;
    }

    @Override
    public boolean takeRequest() {
      return requested && (boolean) REQUESTED.getAndSet(LocalChannel.this, false);
    }

    @Override
    public void check() {}

    @Override
    public void close() {
      producerWaker = Waker.NONE;
      onClose.run();
    }
  }

  private final class In implements InChannel {
    private final Runnable onClose;
    private long takenHere;

    In(Runnable onClose) {
      this.onClose = onClose;
    }

    @Override
    public Element poll() {
      Node next = head.next;
      if (next == null) {
        return null;
      }
      // The new head still refers to the element; it goes with the next poll.
      head = next;
      if (next.element instanceof Batch) {
        taken = ++takenHere;
        producerWaker.wake();
      }
      return next.element;
    }

    @Override
    public boolean isEmpty() {
      return head.next == null;
    }

    @Override
    public Element.Barrier announced() {
      return announced;
    }

    @Override
    public List<InFlight> before(long checkpoint, Serializer<Object> records) {
      var before = new ArrayList<InFlight>();
      for (Node node = head.next; node != null; node = node.next) {
        if (node.element instanceof Element.Barrier barrier && barrier.checkpoint() == checkpoint) {
          return before;
        }
        InFlight element = InFlight.of(node.element, records);
        if (element != null) {
          before.add(element);
        }
      }
      throw new IllegalStateException("no barrier of checkpoint " + checkpoint + " stands here");
    }

    @Override
    public void request() {
      REQUESTED.setVolatile(LocalChannel.this, true);
      producerWaker.wake();
    }

    @Override
    public void close() {
      consumerWaker = Waker.NONE;
      onClose.run();
    }
  }
}
