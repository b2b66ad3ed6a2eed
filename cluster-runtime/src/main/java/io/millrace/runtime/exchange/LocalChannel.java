package io.millrace.runtime.exchange;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

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
      consumerWaker.wake();
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
