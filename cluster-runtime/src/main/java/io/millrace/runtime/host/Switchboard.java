package io.millrace.runtime.host;

import io.millrace.runtime.client.ClientLine;
import io.millrace.runtime.client.ClusterClient;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.protocol.ClientAnswer;
import io.millrace.runtime.protocol.ClientRequest;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Connects the actors of one process; what is addressed elsewhere goes beyond. */
final class Switchboard {
  private final ConcurrentHashMap<Address, Inbox> inboxes = new ConcurrentHashMap<>();
  private final AtomicInteger clients = new AtomicInteger();
  private volatile Wires beyond = (to, message) -> {};

  void plug(Address address, Inbox inbox) {
    inboxes.put(address, inbox);
  }

  void unplug(Address address) {
    inboxes.remove(address);
  }

  void beyond(Wires wires) {
    beyond = wires;
  }

  /** What an actor of that name sends by. */
  Wires from(Address sender) {
    return (to, message) -> {
      Inbox inbox = inboxes.get(to);
      if (inbox != null) {
        inbox.deliver(sender, message);
      } else {
        beyond.send(to, message);
      }
    };
  }

  /**
   * A client inside this process.
   *
   * @param trouble why the JobManager may be silent, for people
   */
  ClusterClient client(Duration deadline, Supplier<String> trouble) {
    return new ClusterClient(
        new InnerLine(new Address("inner-client/" + clients.incrementAndGet()), trouble), deadline);
  }

  private final class InnerLine implements ClientLine {
    private final Address address;
    private final Supplier<String> trouble;

    InnerLine(Address address, Supplier<String> trouble) {
      this.address = address;
      this.trouble = trouble;
    }

    @Override
    public void open(Consumer<ClientAnswer> answers) {
      plug(address, (from, message) -> answers.accept((ClientAnswer) message));
    }

    @Override
    public boolean send(ClientRequest request) {
      from(address).send(Address.JOB_MANAGER, request);
      return true;
    }

    @Override
    public String trouble() {
      return trouble.get();
    }

    @Override
    public void close() {
      unplug(address);
    }
  }
}
