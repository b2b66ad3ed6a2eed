package io.millrace.simulator;

import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Message;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Connections between processes: messages take time, stay in order between two processes, and are
 * lost when a connection breaks.
 */
final class Network {
  private final World world;
  private final SplittableRandom chance;
  private final Faults faults;
  private final TreeMap<String, Long> lastArrivalMicros = new TreeMap<>();
  private final TreeSet<String> cutOneWay = new TreeSet<>();
  private final TreeSet<String> lost = new TreeSet<>();
  private final TreeMap<String, Integer> toLose = new TreeMap<>();
  private Consumer<Message> watcher = message -> {};
  private double burst;
  private boolean calm;

  Network(World world, Faults faults) {
    this.world = world;
    this.faults = faults;
    this.chance = world.fork();
  }

  /** Is told of each message that has arrived. */
  void watch(Consumer<Message> by) {
    watcher = by;
  }

  /** Heals everything; from now on nothing is lost and nothing slow. */
  void calm() {
    calm = true;
    burst = 0;
    cutOneWay.clear();
  }

  /** For a while, messages are lost with that chance. */
  void burst(double loss, long millis) {
    world.trace().hit("burst of message loss");
    burst = loss;
    world.afterMillis(millis, "the burst ends", () -> burst = 0);
  }

  /** The next so many messages of that kind are lost. */
  void lose(String kind, int count) {
    toLose.put(kind, count);
  }

  /** From now on nothing gets from one process to the other; the sender sees no error. */
  void cut(String from, String to) {
    world.trace().note("no way from " + from + " to " + to);
    cutOneWay.add(from + ">" + to);
  }

  void heal(String from, String to) {
    cutOneWay.remove(from + ">" + to);
  }

  /** From now on, for ever, nobody reaches that process, nor does it reach anybody. */
  void lose(String process) {
    world.trace().note("no way from or to " + process);
    lost.add(process);
  }

  boolean isCut(String from, String to) {
    if (cutOneWay.isEmpty() && lost.isEmpty()) {
      return false;
    }
    return cutOneWay.contains(from + ">" + to) || lost.contains(from) || lost.contains(to);
  }

  void send(SimulatedProcess from, Address fromAddress, SimulatedProcess to, Message message) {
    String kind = SimulatedProcess.kindOf(message);
    int wanted = toLose.getOrDefault(kind, 0);
    double loss = calm ? 0 : Math.max(burst, faults.links().loss());
    if (wanted > 0 || loss > 0 && chance.nextDouble() < loss) {
      toLose.replace(kind, Math.max(0, wanted - 1));
      world.trace().hit("message lost: " + kind);
      return;
    }
    String way = from.name() + ">" + to.name();
    long now = world.micros();
    long arrival = Math.max(now + delayMicros(), lastArrivalMicros.getOrDefault(way, 0L) + 1);
    lastArrivalMicros.put(way, arrival);
    world.after(
        arrival - now,
        way + " " + kind,
        () -> {
          if (isCut(from.name(), to.name())) {
            world.trace().hit("message cut off: " + kind);
          } else {
            watcher.accept(message);
            to.deliver(fromAddress, message);
          }
        });
  }

  long delayMicros() {
    int max = calm ? 2 : faults.links().maxDelayMillis();
    // Mostly fast, sometimes as slow as it gets.
    int most = chance.nextInt(10) == 0 ? max : Math.min(max, 3);
    return 100 + chance.nextInt(most * 1_000);
  }
}
