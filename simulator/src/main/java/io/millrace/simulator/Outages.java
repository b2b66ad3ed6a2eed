package io.millrace.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What keeps processes of a platform from working, or from each other, for a while. */
final class Outages {
  private final World world;
  private final Network network;
  private final SimulatedExchange.Wires wires;
  private final SplittableRandom chance;
  private final Platform platform;

  /**
   * @param chance the platform's own
   */
  Outages(
      World world,
      Network network,
      SimulatedExchange.Wires wires,
      SplittableRandom chance,
      Platform platform) {
    this.world = world;
    this.network = network;
    this.wires = wires;
    this.chance = chance;
    this.platform = platform;
  }

  void pauseEverybody(long millis) {
    if (platform.attempts() > 0 && platform.jobManager().alive()) {
      world.trace().hit("JobManager and TaskManager paused");
      platform.sleep(platform.jobManager(), millis);
      platform.pick().ifPresent(process -> platform.sleep(process, millis / 2));
    }
  }

  void pauseAllTaskManagers(long millis) {
    world.trace().hit("all TaskManagers paused");
    platform.livingTaskManagers().forEach(process -> platform.sleep(process, millis));
  }

  void pauseTaskManager(long millis) {
    platform
        .pick()
        .ifPresent(
            process -> {
              world.trace().hit("TaskManager paused");
              platform.sleep(process, millis);
            });
  }

  /** The JobManager sleeps; if longer than the platform waits, another one is started beside it. */
  void pauseJobManager(long millis, boolean replaced) {
    SimulatedProcess sleeping = platform.jobManager();
    if (!sleeping.alive()) {
      return;
    }
    world.trace().hit(replaced ? "JobManager paused and replaced" : "JobManager paused");
    platform.sleep(sleeping, millis);
    if (replaced) {
      platform.replaceIn(chance.nextLong(millis), sleeping);
    }
  }

  /** No message gets through between two processes, in one direction or in both. */
  void partition(long millis) {
    var all = new ArrayList<>(platform.livingTaskManagers());
    all.add(platform.jobManager());
    if (all.size() < 2) {
      return;
    }
    SimulatedProcess a = all.remove(chance.nextInt(all.size()));
    SimulatedProcess b = all.remove(chance.nextInt(all.size()));
    partition(a, b, chance.nextBoolean(), millis);
  }

  /** No message and no data get through between TaskManagers; the JobManager reaches all. */
  void partitionTaskManagers(long millis) {
    List<SimulatedProcess> living = platform.livingTaskManagers();
    partition(living.get(0), living.get(1), true, millis);
  }

  private void partition(SimulatedProcess a, SimulatedProcess b, boolean bothWays, long millis) {
    world.trace().hit(bothWays ? "partition" : "partition in one direction");
    network.cut(a.name(), b.name());
    if (bothWays) {
      network.cut(b.name(), a.name());
    }
    wires.breakWires();
    world.afterMillis(
        millis,
        "heal " + a + " " + b,
        () -> {
          network.heal(a.name(), b.name());
          network.heal(b.name(), a.name());
        });
  }
}
