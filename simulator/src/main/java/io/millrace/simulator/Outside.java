package io.millrace.simulator;

import io.millrace.api.function.RuntimeContext;
import io.millrace.api.operator.awaited.Courier;
import java.util.SplittableRandom;

/**
 * What asynchronous functions of simulated jobs ask: it answers after a while, in an order that the
 * seed decides, in the process that has asked, if that still lives then.
 */
final class Outside {
  private final World world;
  private final SplittableRandom chance;
  private final int mostMicros;

  Outside(World world, SplittableRandom chance) {
    this.world = world;
    this.chance = chance;
    this.mostMicros = chance.nextBoolean() ? 2_000 : 200_000;
  }

  /** How a request ends. */
  enum Outcome {
    ANSWER,
    ANSWERED_TWICE,
    ERROR,
    SILENCE
  }

  /** Decides what becomes of a request. */
  Outcome outcome() {
    return switch (chance.nextInt(40)) {
      case 0 -> Outcome.SILENCE;
      case 1, 2, 3 -> Outcome.ERROR;
      case 4, 5, 6 -> Outcome.ANSWERED_TWICE;
      default -> Outcome.ANSWER;
    };
  }

  /** Keeps the thread that asks, mostly not at all, rarely for longer than others have patience. */
  void await() {
    int wait = chance.nextInt(300);
    if (wait == 0) {
      world.trace().hit("a function waited for long");
      world.await(1_000 * (500 + chance.nextInt(4_000)));
    } else if (wait < 30) {
      world.await(1 + chance.nextInt(60_000));
    }
  }

  /** The latest that any wall clock has shown so far. */
  long latestWallMillis() {
    return world.latestWallMillis();
  }

  void hit(String what) {
    world.trace().hit(what);
  }

  /** Runs the answer after a while; some come at once. */
  void later(Runnable answer) {
    SimulatedProcess asker = world.acting();
    if (chance.nextInt(10) == 0) {
      answer.run();
    } else {
      world.after(
          chance.nextInt(mostMicros), "answer to " + asker, () -> asker.act("answer", answer));
    }
  }

  /** Lets answers of whatever thread come as late as the outside would. */
  record Post() implements Courier {
    @Override
    public void deliver(RuntimeContext asker, Runnable answer) {
      LedgerLoader.outsideIn(asker.getUserCodeClassLoader()).orElseThrow().later(answer);
    }

    @Override
    public RuntimeException missing(RuntimeContext asker, String why) {
      throw LedgerLoader.ledgerOf(asker.getUserCodeClassLoader()).spoilt(why);
    }
  }
}
