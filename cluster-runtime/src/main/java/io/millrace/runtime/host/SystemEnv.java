package io.millrace.runtime.host;

import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The world of one actor: its thread, its mailbox, its timers and its lanes. What the actor throws
 * is a broken invariant; the thread ends and tells whoever made it.
 */
final class SystemEnv implements Env, Inbox, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SystemEnv.class);
  private static final long WATCH_MILLIS = 200;
  private static final long LAST_WORDS_MILLIS = 5_000;

  /** For how long calls may come no further, by lane. */
  static final Map<Lane, Duration> DEADLINES =
      Arrays.stream(Lane.values()).collect(Collectors.toUnmodifiableMap(l -> l, Lane::patience));

  private final String name;
  private final Wires wires;
  private final Consumer<Throwable> crashed;
  private final Thread thread;
  private final LinkedBlockingQueue<Envelope> mailbox = new LinkedBlockingQueue<>();
  private final EnumMap<Lane, LanePool> lanes = new EnumMap<>(Lane.class);
  private volatile boolean closed;

  // Used by the actor's thread only, once it runs.
  private Actor actor;
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final RandomGenerator random = new SplittableRandom();
  private long timerNumber;
  private long nextWatchMillis;

  private record Envelope(Address from, Message message) {}

  private record Timer(long atMillis, long number, Message message) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(atMillis, other.atMillis);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /**
   * @param crashed told the reason if the actor throws; called once, on the actor's thread
   */
  SystemEnv(String name, Wires wires, Map<Lane, Duration> deadlines, Consumer<Throwable> crashed) {
    this.name = name;
    this.wires = wires;
    this.crashed = crashed;
    this.thread = new Thread(this::run, name);
    thread.setDaemon(true);
    for (Lane lane : Lane.values()) {
      // Facts in order; the rest two by two, as more would only compete for disk and network.
      int threads = lane == Lane.FACTS ? 1 : lane == Lane.SINK ? 4 : 2;
      lanes.put(
          lane,
          new LanePool(
              name + "-" + lane.name().toLowerCase(Locale.ROOT), threads, 4, deadlines.get(lane)));
    }
  }

  /** Messages that came before wait for the actor. */
  void start(Actor newActor) {
    actor = newActor;
    thread.start();
  }

  @Override
  public void deliver(Address from, Message message) {
    if (!closed) {
      mailbox.add(new Envelope(from, message));
    }
  }

  @Override
  public Clock now() {
    return Clocks.now();
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public void send(Address to, Message message) {
    wires.send(to, message);
  }

  @Override
  public void after(Duration delay, Message toSelf) {
    timers.add(new Timer(now().monotonicMillis() + delay.toMillis(), timerNumber++, toSelf));
  }

  @Override
  public void offload(
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed) {
    LanePool pool = lanes.get(lane);
    pool.<Message>run(
        work,
        (message, failure) ->
            deliver(Address.SELF, failure == null ? message : failed.apply(failure)));
  }

  /** Ends the thread after the message at hand; what waits is dropped. */
  @Override
  public void close() {
    closed = true;
    lanes.values().forEach(LanePool::close);
    mailbox.add(new Envelope(Address.SELF, null));
  }

  void join(Duration time) throws InterruptedException {
    if (Thread.currentThread() != thread) {
      thread.join(time.toMillis());
    }
  }

  private void run() {
    try {
      actor.start(this);
      while (!closed) {
        turn();
      }
    } catch (InterruptedException e) {
      LOG.debug("{} was interrupted", name);
    } catch (Throwable e) {
      LOG.error("{} has ended: {}", name, e.toString(), e);
      closed = true;
      sayLastWords(e);
      crashed.accept(e);
    } finally {
      closed = true;
      lanes.values().forEach(LanePool::close);
    }
  }

  /** On a thread of its own: a lane may hang, and whoever waits for the end must not. */
  private void sayLastWords(Throwable broken) {
    try {
      List<Runnable> words = actor.lastWords(broken);
      if (!words.isEmpty()) {
        var speaker = new Thread(() -> words.forEach(Runnable::run), name + "-last-words");
        speaker.setDaemon(true);
        speaker.start();
        speaker.join(LAST_WORDS_MILLIS);
      }
    } catch (InterruptedException e) {
      LOG.debug("{} was interrupted at its last words", name);
    } catch (Throwable e) {
      LOG.warn("{} could not say its last words", name, e);
    }
  }

  private void turn() throws InterruptedException {
    long now = now().monotonicMillis();
    if (now >= nextWatchMillis) {
      nextWatchMillis = now + WATCH_MILLIS;
      lanes.values().forEach(LanePool::watch);
    }
    // One timer, one message: neither can starve the other.
    Timer due = timers.peek();
    if (due != null && due.atMillis() <= now) {
      timers.poll();
      actor.receive(Address.SELF, due.message());
      receive(mailbox.poll());
      return;
    }
    long until = due == null ? nextWatchMillis : Math.min(due.atMillis(), nextWatchMillis);
    receive(mailbox.poll(until - now, TimeUnit.MILLISECONDS));
  }

  private void receive(Envelope envelope) {
    if (envelope != null && envelope.message() != null && !closed) {
      actor.receive(envelope.from(), envelope.message());
    }
  }
}
