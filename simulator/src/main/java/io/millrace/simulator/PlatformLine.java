package io.millrace.simulator;

import io.millrace.runtime.jobmanager.Lease;
import io.millrace.runtime.jobmanager.ResourceManager.Witness;
import io.millrace.runtime.kernel.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What the platform and a JobManager that it has started say to each other, unless nothing gets
 * through for a while: then that waits, and counts only if the platform still knows the JobManager.
 */
final class PlatformLine {
  private static final Address PLATFORM = new Address("platform");

  private final World world;
  private final SimulatedProcess jobManager;
  private final BooleanSupplier known;
  private final List<Runnable> unsaid = new ArrayList<>();
  private boolean cut;
  private long cuts;
  private long heardMillis;

  /**
   * @param known whether the platform has started no other JobManager since
   */
  PlatformLine(World world, SimulatedProcess jobManager, BooleanSupplier known) {
    this.world = world;
    this.jobManager = jobManager;
    this.known = known;
  }

  /** Either one says something: now, or when it gets through. */
  void say(Runnable what) {
    if (cut) {
      unsaid.add(what);
    } else {
      what.run();
    }
  }

  /** From now on the platform bears witness, as often as the lease wants it. */
  void bearWitness(Lease lease) {
    heardMillis = world.millis();
    witness(lease.interval().toMillis());
  }

  private void witness(long everyMillis) {
    if (!jobManager.alive()) {
      return;
    }
    // One that the platform has given up while it could reach it is one that it will not reach.
    if (!cut && (known.getAsBoolean() || cuts > 0)) {
      heardMillis = world.millis();
      jobManager.deliver(PLATFORM, new Witness(known.getAsBoolean(), "the platform says so"));
    }
    world.afterMillis(everyMillis, "the platform hears " + jobManager, () -> witness(everyMillis));
  }

  boolean isCut() {
    return cut;
  }

  /** Number of the cut that there is, or was last. */
  long cuts() {
    return cuts;
  }

  /** For how long the platform has not been heard. */
  long silentMillis() {
    return world.millis() - heardMillis;
  }

  void cut() {
    cut = true;
    cuts++;
  }

  void heal() {
    if (!cut) {
      return;
    }
    cut = false;
    List<Runnable> waited = List.copyOf(unsaid);
    unsaid.clear();
    if (known.getAsBoolean()) {
      waited.forEach(Runnable::run);
    }
  }
}
