package io.millrace.simulator;

import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.ClientRequest;
import java.util.List;
import java.util.SplittableRandom;

/** When each of the drawn {@link Faults} strikes, and what the user does meanwhile. */
final class FaultSchedule {
  private static final int MILLIS = 20_000;

  private final World world;
  private final SplittableRandom chance;
  private final SplittableRandom ofSilences;
  private final Faults faults;
  private final Network network;
  private final SimulatedStore store;
  private final Lives lives;
  private final boolean drainable;

  /**
   * @param ofSilences decides when what does not answer, so that all else stays as it was
   * @param lives whose present one is struck
   * @param drainable whether it is known what a drained job comes to
   */
  FaultSchedule(
      World world,
      SplittableRandom chance,
      SplittableRandom ofSilences,
      Faults faults,
      Network network,
      SimulatedStore store,
      Lives lives,
      boolean drainable) {
    this.world = world;
    this.chance = chance;
    this.ofSilences = ofSilences;
    this.faults = faults;
    this.network = network;
    this.store = store;
    this.lives = lives;
    this.drainable = drainable;
  }

  /** From then on nothing strikes any more. */
  long endMillis() {
    return faults.isOutage() ? 240_000 : MILLIS;
  }

  /** Draws when each of them strikes. */
  void begin() {
    Faults.Processes processes = faults.processes();
    sometime(processes.taskManagerCrashes(), "kill", () -> lives.platform().crashTaskManager());
    sometime(processes.allCrashes(), "kill all", () -> lives.platform().crashAllTaskManagers());
    sometime(processes.ambushes(), "lay an ambush", () -> lives.platform().ambushes().lay());
    sometime(processes.jobManagerCrashes(), "kill", () -> lives.platform().crashJobManager());
    sometime(
        processes.jobManagerBreaks(),
        "plant a broken invariant",
        () -> {
          switch (chance.nextInt(3)) {
            case 0 -> lives.platform().plantBreak("Deploy");
            case 1 -> lives.platform().plantBreak("TriggerCheckpoint");
            default -> lives.platform().plantBreak("CheckpointCompleted");
          }
          if (chance.nextBoolean()) {
            lives.platform().crashTaskManager();
          }
        });
    sometime(
        processes.withdrawals(),
        "announce a withdrawal",
        () ->
            new Withdrawal(world, lives.platform(), chance.nextBoolean())
                .begin(chance.nextInt(15_000)));
    sometime(
        processes.taskManagerPauses(),
        "pause",
        () -> lives.platform().outages().pauseTaskManager(200 + chance.nextInt(15_000)));
    sometime(
        processes.jobManagerPauses(),
        "pause",
        () ->
            lives
                .platform()
                .outages()
                .pauseJobManager(500 + chance.nextInt(15_000), chance.nextBoolean()));
    sometime(
        Math.min(processes.jobManagerPauses(), processes.taskManagerPauses()),
        "pause both",
        () -> lives.platform().outages().pauseEverybody(500 + chance.nextInt(8_000)));
    sometime(
        faults.links().partitions(),
        "partition",
        () -> lives.platform().outages().partition(200 + chance.nextInt(10_000)));
    sometime(
        faults.links().breaks(),
        "break a connection",
        () ->
            lives
                .platform()
                .breakConnection(20 + chance.nextInt(chance.nextBoolean() ? 450 : 5_000)));
    sometime(
        faults.links().bursts(),
        "burst",
        () -> network.burst(0.3 + chance.nextDouble(0.7), 100 + chance.nextInt(6_000)));
    sometime(
        faults.program().wallJumps(),
        "set the clock",
        () -> {
          world.trace().hit("wall clock set");
          world.setWallSkew(chance.nextLong(-3_600_000, 3_600_000));
        });
    for (int i = 0; i < faults.storage().outages(); i++) {
      scheduleOutage();
    }
    if (chance.nextInt(4) == 0) {
      var then =
          drainable
              ? List.of(ClientRequest.Then.values())
              : List.of(
                  ClientRequest.Then.GO_ON, ClientRequest.Then.STOP, ClientRequest.Then.CANCEL);
      sometime(1, "savepoint", () -> lives.takeSavepoint(then.get(chance.nextInt(then.size()))));
    }
    beginSilences();
    if (faults.program().cancel()) {
      // Early ones meet claims, sinks that take their places, and a store that is away.
      int latest = chance.nextInt(4) == 0 ? 1_000 : MILLIS;
      sometime(1, latest, "cancel", this::cancelMaybeAmidFailure);
    }
  }

  private void beginSilences() {
    for (int i = 0; i < faults.silences().seclusions(); i++) {
      var who = Seclusion.Silent.values()[ofSilences.nextInt(3)];
      long millis = 500 + ofSilences.nextInt(20_000);
      at(
          ofSilences.nextLong(MILLIS),
          "seclude a JobManager",
          () -> lives.platform().seclude(who, millis));
    }
    for (int i = 0; i < faults.silences().hangs(); i++) {
      var lane = Lane.values()[ofSilences.nextInt(Lane.values().length)];
      var hang = Hang.draw(ofSilences);
      at(
          ofSilences.nextLong(MILLIS),
          "let work hang",
          () -> lives.platform().delays().hangNext(lane, hang));
    }
    for (int i = 0; i < faults.silences().storms(); i++) {
      long millis = 20 + ofSilences.nextInt(ofSilences.nextBoolean() ? 450 : 5_000);
      at(
          ofSilences.nextLong(MILLIS),
          "break all connections",
          () -> lives.platform().breakAllConnections(millis));
    }
  }

  /** What was just spoilt is to be read again soon. */
  void restartSoon() {
    world.afterMillis(
        chance.nextInt(700),
        "restart",
        () -> {
          if (lives.platform().finished().isEmpty()) {
            switch (chance.nextInt(3)) {
              case 0 -> lives.platform().crashTaskManager();
              case 1 -> lives.platform().crashJobManager();
              default -> lives.platform().crashAllTaskManagers();
            }
          }
        });
  }

  private void scheduleOutage() {
    boolean alone = faults.isOutage();
    boolean atOnce = !alone && chance.nextInt(4) == 0;
    long from = alone ? 6_000 + chance.nextInt(4_000) : atOnce ? 0 : chance.nextInt(15_000);
    long millis = alone ? 30_000 + chance.nextInt(200_000) : 500 + chance.nextInt(15_000);
    world.afterMillis(
        from,
        "outage",
        () -> {
          if (lives.platform().finished().isEmpty()) {
            store.down(true);
            world.afterMillis(millis, "outage over", () -> store.down(false));
          }
        });
  }

  private void cancelMaybeAmidFailure() {
    world.trace().hit("job cancelled");
    int race = chance.nextInt(4);
    if (race == 0) {
      lives.platform().crashTaskManager();
    } else if (race == 1) {
      world.afterMillis(chance.nextInt(20), "kill", () -> lives.platform().crashJobManager());
    } else if (race == 2) {
      world.afterMillis(
          chance.nextInt(200), "kill all", () -> lives.platform().crashAllTaskManagers());
    }
    lives.cancel();
  }

  private void sometime(int times, String what, Runnable fault) {
    sometime(times, MILLIS, what, fault);
  }

  private void sometime(int times, int latestMillis, String what, Runnable fault) {
    for (int i = 0; i < times; i++) {
      at(chance.nextLong(latestMillis), what, fault);
    }
  }

  private void at(long millis, String what, Runnable fault) {
    world.afterMillis(
        millis,
        what,
        () -> {
          if (lives.platform().finished().isEmpty()) {
            fault.run();
          }
        });
  }
}
