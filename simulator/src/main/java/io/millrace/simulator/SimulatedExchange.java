package io.millrace.simulator;

import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.ChannelId;
import io.millrace.runtime.exchange.ChannelSpec;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.Exchange;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.InFlight;
import io.millrace.runtime.exchange.LocalExchange;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.exchange.Waker;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The data plane: by reference inside a process, serialised and late between processes, broken when
 * an end dies.
 */
final class SimulatedExchange implements Exchange {
  private final Wires wires;
  private final SimulatedProcess self;
  private final LocalExchange local = new LocalExchange();

  SimulatedExchange(Wires wires, SimulatedProcess self) {
    this.wires = wires;
    this.self = self;
  }

  @Override
  public OutChannel openOut(ChannelSpec spec, Peer peer, Waker waker) {
    if (peer.taskManager().equals(self.name())) {
      return local.openOut(spec, peer, waker);
    }
    Wire wire = wires.wire(spec);
    wire.producer = self;
    wire.producerWaker = waker;
    return wire.out(spec);
  }

  @Override
  public InChannel openIn(ChannelSpec spec, Peer peer, Waker waker) {
    if (peer.taskManager().equals(self.name())) {
      return local.openIn(spec, peer, waker);
    }
    Wire wire = wires.wire(spec);
    wire.consumer = self;
    wire.consumerWaker = waker;
    return wire.in(spec);
  }

  /** All channels between processes. */
  static final class Wires {
    private final World world;
    private final Network network;
    private final Map<ChannelId, Wire> wires = new LinkedHashMap<>();

    Wires(World world, Network network) {
      this.world = world;
      this.network = network;
    }

    Wire wire(ChannelSpec spec) {
      return wires.computeIfAbsent(spec.id(), id -> new Wire(this, spec.capacity()));
    }

    /** The network notices that a process is gone, or that two cannot reach each other. */
    void breakWires() {
      for (Wire wire : wires.values()) {
        if (!wire.broken && wire.endIsGone()) {
          wire.broken = true;
          wire.wakeBoth();
        }
      }
    }
  }

  /** One channel between two processes. */
  private static final class Wire {
    private final Wires wires;
    private final int capacity;
    private final ArrayDeque<Element> arrived = new ArrayDeque<>();
    private SimulatedProcess producer;
    private SimulatedProcess consumer;
    private Waker producerWaker = Waker.NONE;
    private Waker consumerWaker = Waker.NONE;
    private long lastArrivalMicros;
    private int credit;
    private boolean requested;
    private boolean broken;

    /** Newest checkpoints whose barriers have left here, and have come there. */
    private long barrierSent = -1;

    private Element.Barrier announced = Element.Barrier.NONE;

    Wire(Wires wires, int capacity) {
      this.wires = wires;
      this.capacity = capacity;
      this.credit = capacity;
    }

    boolean endIsGone() {
      boolean producerGone = producer != null && !producer.alive();
      boolean consumerGone = consumer != null && !consumer.alive();
      boolean cut =
          producer != null
              && consumer != null
              && (wires.network.isCut(producer.name(), consumer.name())
                  || wires.network.isCut(consumer.name(), producer.name()));
      return producerGone || consumerGone || cut;
    }

    void wakeBoth() {
      producerWaker.wake();
      consumerWaker.wake();
    }

    /** Lets something travel; in order. */
    private void travel(String what, Runnable arrival) {
      long now = wires.world.micros();
      long at = Math.max(now + wires.network.delayMicros(), lastArrivalMicros + 1);
      lastArrivalMicros = at;
      wires.world.after(
          at - now,
          what,
          () -> {
            if (!broken) {
              arrival.run();
            }
          });
    }

    private void checkBroken() {
      if (broken) {
        throw new ChannelBrokenException("the connection between two TaskManagers broke");
      }
    }

    OutChannel out(ChannelSpec spec) {
      return new OutChannel() {
        @Override
        public boolean hasCredit() {
          return credit > 0;
        }

        @Override
        public void send(Element element) {
          if (element instanceof Batch) {
            credit--;
          }
          barrierSent = Math.max(barrierSent, checkpointOf(element));
          byte[] bytes = encode(element, spec);
          travel(
              "data " + spec.id().edge(),
              () -> {
                arrived.add(decode(element, bytes, spec));
                if (checkpointOf(element) > announced.checkpoint()) {
                  announced = (Element.Barrier) element;
                }
                consumerWaker.wake();
              });
        }

        /** Nothing waits at this end. */
        @Override
        public List<InFlight> overtake(Element.Barrier barrier) {
          if (barrierSent < barrier.checkpoint()) {
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
          boolean was = requested;
          requested = false;
          return was;
        }

        @Override
        public void check() {
          checkBroken();
        }

        @Override
        public void close() {
          producerWaker = Waker.NONE;
        }
      };
    }

    InChannel in(ChannelSpec spec) {
      return new InChannel() {
        @Override
        public Element poll() {
          Element element = arrived.poll();
          if (element == null) {
            checkBroken();
          }
          if (element instanceof Batch) {
            travel(
                "credit " + spec.id().edge(),
                () -> {
                  credit = Math.min(capacity, credit + 1);
                  producerWaker.wake();
                });
          }
          return element;
        }

        @Override
        public boolean isEmpty() {
          return arrived.isEmpty();
        }

        @Override
        public Element.Barrier announced() {
          return announced;
        }

        @Override
        public List<InFlight> before(long checkpoint, Serializer<Object> records) {
          var before = new ArrayList<InFlight>();
          for (Element element : arrived) {
            if (checkpointOf(element) == checkpoint) {
              return before;
            }
            InFlight each = InFlight.of(element, records);
            if (each != null) {
              before.add(each);
            }
          }
          throw new IllegalStateException("no barrier of checkpoint " + checkpoint);
        }

        @Override
        public void request() {
          travel(
              "request " + spec.id().edge(),
              () -> {
                requested = true;
                producerWaker.wake();
              });
        }

        @Override
        public void close() {
          consumerWaker = Waker.NONE;
        }
      };
    }
  }

  private static long checkpointOf(Element element) {
    return element instanceof Element.Barrier barrier && barrier.purpose().isCheckpoint()
        ? barrier.checkpoint()
        : -1;
  }

  /** The records as they would cross a wire; null for an element that carries none. */
  private static byte[] encode(Element element, ChannelSpec spec) {
    var out = new DataWriter();
    if (element instanceof Batch batch) {
      for (int i = 0; i < batch.size(); i++) {
        spec.records().write(batch.value(i), out);
      }
      return out.toByteArray();
    }
    if (element instanceof Element.Split split) {
      spec.records().write(split.split(), out);
      return out.toByteArray();
    }
    return null;
  }

  private static Element decode(Element sent, byte[] bytes, ChannelSpec spec) {
    if (bytes == null) {
      return sent;
    }
    var in = new DataReader(bytes, spec.loader());
    if (sent instanceof Batch batch) {
      var values = new Object[batch.size()];
      var timestamps = new long[batch.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = spec.records().read(in);
        timestamps[i] = batch.timestamp(i);
      }
      return new Batch(values, timestamps, values.length);
    }
    return new Element.Split(spec.records().read(in));
  }
}
