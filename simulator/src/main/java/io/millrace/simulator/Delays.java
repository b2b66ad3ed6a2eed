package io.millrace.simulator;

import io.millrace.runtime.kernel.Lane;
import java.util.EnumMap;
import java.util.Optional;
import java.util.SplittableRandom;

/** How long the processes of a platform wait for the work that they offload. */
final class Delays implements SimulatedProcess.Disturbance {
  private final World world;
  private final Faults faults;
  private final SplittableRandom chance;
  private final Platform platform;
  private final EnumMap<Lane, Long> delayed = new EnumMap<>(Lane.class);
  private final EnumMap<Lane, Hang> hanging = new EnumMap<>(Lane.class);
  private boolean calm;

  /**
   * @param chance the platform's own
   */
  Delays(World world, Faults faults, SplittableRandom chance, Platform platform) {
    this.world = world;
    this.faults = faults;
    this.chance = chance;
    this.platform = platform;
  }

  void calm() {
    calm = true;
    hanging.clear();
  }

  /** The next work in that lane, of whatever process, begins so much later. */
  void delayNext(Lane lane, long millis) {
    delayed.put(lane, millis);
  }

  /** The next work in that lane, of whatever process, stands still like that. */
  void hangNext(Lane lane, Hang hang) {
    if (!calm) {
      hanging.put(lane, hang);
    }
  }

  @Override
  public Optional<Hang> hang(Lane lane) {
    return Optional.ofNullable(hanging.remove(lane));
  }

  @Override
  public long offloadMicros(Lane lane) {
    SimulatedProcess who = world.acting();
    if (lane == Lane.STATE && who != null && platform.ambushes().delaysWrite(who)) {
      long millis = 15_000 + chance.nextInt(45_000);
      platform.takeForLost(who, millis + 5_000);
      return millis * 1_000;
    }
    Long late = delayed.remove(lane);
    if (late != null) {
      return late * 1_000;
    }
    int max = calm ? 3 : faults.storage().maxMillis();
    long slow = calm || lane != Lane.STATE ? 0 : faults.storage().slowStateMicros(chance);
    return slow + 200 + chance.nextInt(1_000 * (chance.nextInt(8) == 0 ? max : Math.min(max, 4)));
  }
}
