package io.millrace.simulator;

import io.millrace.runtime.jobmanager.ResourceManager;
import io.millrace.runtime.protocol.TaskManagerId;

/** A platform says that it will take a TaskManager, and after a while takes it if it is there. */
final class Withdrawal {
  private static final long AGAIN_MILLIS = 1_000;

  private final World world;
  private final Platform platform;
  private final boolean repeats;

  /**
   * @param repeats whether it says so again and again, to whichever JobManager there is
   */
  Withdrawal(World world, Platform platform, boolean repeats) {
    this.world = world;
    this.platform = platform;
    this.repeats = repeats;
  }

  /** Announces it for some TaskManager that lives. */
  void begin(long afterMillis) {
    platform
        .pick()
        .filter(platform::isHeld)
        .ifPresent(
            taskManager -> {
              world.trace().hit("withdrawal announced");
              announce(taskManager);
              world.afterMillis(afterMillis, "withdraw " + taskManager, () -> take(taskManager));
            });
  }

  private void announce(SimulatedProcess taskManager) {
    if (!platform.isHeld(taskManager)) {
      return;
    }
    platform
        .jobManager()
        .post(
            new ResourceManager.Leaving(
                new TaskManagerId(taskManager.name()), "its place is needed"));
    if (repeats) {
      world.afterMillis(AGAIN_MILLIS, "announce again", () -> announce(taskManager));
    }
  }

  private void take(SimulatedProcess taskManager) {
    if (platform.isHeld(taskManager)) {
      world.trace().hit("TaskManager withdrawn");
      platform.crash(taskManager);
    } else {
      world.trace().hit("TaskManager released before its withdrawal");
    }
  }
}
