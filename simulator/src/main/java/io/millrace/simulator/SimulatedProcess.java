package io.millrace.simulator;

import io.millrace.runtime.kernel.Actor;
import io.millrace.runtime.kernel.Address;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Env;
import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.kernel.Message;
import io.millrace.runtime.kernel.Perishable;
import io.millrace.runtime.kernel.StandstillException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A process with one actor. It can die at any moment, or stop for a while and go on without
 * knowing.
 */
final class SimulatedProcess implements Env {
  private final World world;
  private final String name;
  private final Disturbance disturbance;
  private final SplittableRandom chance;
  private final Courier courier;
  private final EnumMap<Lane, Long> laneFreeAtMicros = new EnumMap<>(Lane.class);
  private final List<Runnable> waitingForWakeUp = new ArrayList<>();
  private Actor actor;
  private boolean alive = true;
  private boolean paused;
  private long resumedMillis;

  /** It ends over a broken invariant; only its last words are still to be said. */
  private boolean broken;

  private Runnable onBroken = () -> {};

  /** Stands for an invariant that does not hold, where a life wants one. */
  static final class PlantedBreak extends Error {
    PlantedBreak(String where) {
      super("planted at " + where, null, false, false);
    }
  }

  /** The process stops right before a step that it takes once it goes on. */
  static final class Stopped extends Error {
    Stopped() {
      super("stopped before a step", null, false, false);
    }
  }

  /** Takes messages to other processes. */
  interface Courier {
    void send(SimulatedProcess from, Address to, Message message);
  }

  /** How long offloaded work takes until it starts, and again until its answer is there. */
  interface Disturbance {
    long offloadMicros(Lane lane);

    /** Whether the work that is offloaded now hangs, and how. */
    Optional<Hang> hang(Lane lane);
  }

  SimulatedProcess(World world, String name, Courier courier, Disturbance disturbance) {
    this.world = world;
    this.name = name;
    this.courier = courier;
    this.disturbance = disturbance;
    this.chance = world.fork();
  }

  void start(Actor newActor) {
    actor = newActor;
    act("start", () -> newActor.start(this));
  }

  String name() {
    return name;
  }

  boolean alive() {
    return alive;
  }

  boolean paused() {
    return paused;
  }

  /** Since when it has not slept; 0 if it sleeps. */
  long awakeMillis() {
    return paused ? 0 : world.millis() - resumedMillis;
  }

  /** kill -9. */
  void crash() {
    if (alive) {
      world.trace().note(name + " dies");
    }
    alive = false;
    waitingForWakeUp.clear();
  }

  void pause() {
    world.trace().note(name + " pauses");
    paused = true;
  }

  void resume() {
    paused = false;
    resumedMillis = world.millis();
    if (alive) {
      world.trace().note(name + " goes on");
      for (Runnable waiting : List.copyOf(waitingForWakeUp)) {
        world.after(1, name + " catches up", () -> act("late", waiting));
      }
    }
    waitingForWakeUp.clear();
  }

  /** Does something in this process, unless it is dead; later if it is paused. */
  void act(String what, Runnable work) {
    if (!alive || broken) {
      return;
    }
    if (paused) {
      waitingForWakeUp.add(work);
    } else {
      try {
        world.as(
            this,
            false,
            () -> {
              work.run();
              return null;
            });
      } catch (PlantedBreak e) {
        breaks(e);
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("work of an actor throws no checked exception", e);
      }
    }
  }

  private void breaks(PlantedBreak why) {
    world.trace().note(name + " breaks, " + why.getMessage());
    broken = true;
    List<Runnable> words = actor.lastWords(why);
    world.after(
        disturbance.offloadMicros(Lane.FACTS),
        name + " says its last words",
        () -> {
          if (alive) {
            say(words);
            onBroken.run();
          }
        });
  }

  private void say(List<Runnable> words) {
    try {
      world.as(
          this,
          false,
          () -> {
            words.forEach(Runnable::run);
            return null;
          });
    } catch (Exception e) {
      throw new IllegalStateException("last words throw nothing", e);
    }
  }

  /** Ends the process after a broken invariant. */
  void whenBroken(Runnable end) {
    onBroken = end;
  }

  void deliver(Address from, Message message) {
    act("deliver", () -> actor.receive(from, message));
  }

  /** A message from a thread of this very process. */
  void post(Message message) {
    world.after(
        1 + chance.nextInt(50),
        name + " < " + kindOf(message),
        () -> deliver(Address.SELF, message));
  }

  @Override
  public Clock now() {
    return world.clock();
  }

  @Override
  public RandomGenerator random() {
    return chance;
  }

  @Override
  public void send(Address to, Message message) {
    courier.send(this, to, message);
  }

  @Override
  public void after(Duration delay, Message toSelf) {
    world.afterMillis(
        delay.toMillis(), name + " timer " + kindOf(toSelf), () -> deliver(Address.SELF, toSelf));
  }

  /**
   * The work starts at a drawn time if the process still lives then (its request may have left even
   * if it is paused), and its answer comes at another drawn time: in between the process may die or
   * sleep.
   */
  @Override
  public void offload(
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed) {
    long now = world.micros();
    long start = disturbance.offloadMicros(lane);
    long answer = start + disturbance.offloadMicros(lane);
    Optional<Hang> hang = disturbance.hang(lane);
    long patience = lane.patience().toNanos() / 1_000;
    if (hang.isPresent()) {
      long until = hang.get().ends() ? hang.get().millis() * 1_000 : patience;
      answer = start + Math.min(until, patience);
    }
    if (lane == Lane.FACTS) {
      // One at a time: it starts when the one before has answered.
      long free = Math.max(now, laneFreeAtMicros.getOrDefault(lane, 0L));
      start += free - now;
      answer += free - now;
      laneFreeAtMicros.put(lane, now + answer + 1_000);
    }
    if (hang.isPresent()) {
      world.trace().hit("work hung in " + lane);
      hang(hang.get(), start, patience, lane, work, failed);
      return;
    }
    long answerDelay = answer - start;
    world.after(start, name + " works in " + lane, () -> work(lane, work, failed, answerDelay));
  }

  /** Whoever has been given up may have its effect all the same, of which nobody learns. */
  private void hang(
      Hang hang,
      long start,
      long patienceMicros,
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed) {
    boolean[] answered = {false};
    world.after(
        start + patienceMicros,
        name + " gives up what hangs in " + lane,
        () -> {
          if (!answered[0]) {
            answered[0] = true;
            world.trace().hit("work given up in " + lane);
            Message late = failed.apply(new StandstillException(lane.name(), lane.patience()));
            deliver(Address.SELF, late);
          }
        });
    if (hang.hasEffect()) {
      long millis = hang.beforeEffect() ? hang.millis() : 0;
      world.after(
          start + millis * 1_000,
          name + " goes on in " + lane,
          () -> {
            Optional<Message> message = resultOf(lane, work, failed);
            if (message.isPresent() && hang.ends()) {
              world.after(
                  (hang.millis() - millis) * 1_000 + 1,
                  name + " < late " + kindOf(message.get()),
                  () -> answerLate(answered, message.get()));
            }
          });
    }
  }

  private void answerLate(boolean[] answered, Message message) {
    if (!answered[0]) {
      answered[0] = true;
      deliver(Address.SELF, message);
    } else if (message instanceof Perishable perishable) {
      act("perish", perishable::perish);
    }
  }

  /** Nothing of it may be done again, as nobody waits for it any more. */
  private Optional<Message> resultOf(
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed) {
    if (!alive || broken) {
      return Optional.empty();
    }
    try {
      return Optional.of(world.as(this, false, work));
    } catch (Exception e) {
      world.trace().note(name + " " + lane + " failed: " + e.getMessage());
      return Optional.of(failed.apply(e));
    }
  }

  private void work(
      Lane lane,
      Callable<? extends Message> work,
      Function<? super Exception, ? extends Message> failed,
      long answerMicros) {
    if (!alive || broken) {
      return;
    }
    Message message;
    try {
      message = world.as(this, lane == Lane.FACTS, work);
    } catch (Stopped e) {
      waitingForWakeUp.add(() -> work(lane, work, failed, answerMicros));
      return;
    } catch (Exception e) {
      world.trace().note(name + " " + lane + " failed: " + e.getMessage());
      message = failed.apply(e);
    }
    Message result = message;
    world.after(answerMicros, name + " < " + kindOf(result), () -> deliver(Address.SELF, result));
  }

  static String kindOf(Message message) {
    return message.getClass().getSimpleName();
  }

  @Override
  public String toString() {
    return name;
  }
}
