package io.millrace.simulator;

import java.util.SplittableRandom;

/**
 * Which faults a run has and how many; drawn first, so that one run has slow disks and another one
 * loses JobManagers.
 *
 * @param connectionLoss chance that a message finds its connection broken: it is lost
 * @param maxDelayMillis longest time that a message travels
 * @param partitions network partitions in the run
 * @param taskManagerCrashes in the run
 * @param jobManagerCrashes in the run
 * @param taskManagerPauses in the run; a paused process does nothing and wakes up late
 * @param jobManagerPauses in the run; longer than the platform waits before it starts another one
 * @param storeFailure chance that a store operation fails before it has an effect
 * @param storeLostAck chance that a store operation has its effect and then fails
 * @param storeMaxMillis longest time that a store operation takes
 * @param sinkFailure chance that a flush or a commit of the sink fails, before or after its effect
 * @param userFailures exceptions in user code in the run
 * @param corruptions bytes of state files changed in the run
 * @param wallJumps of the wall clock in the run
 * @param cancel whether the job is cancelled while it runs
 */
record Faults(
    double connectionLoss,
    int maxDelayMillis,
    int partitions,
    int taskManagerCrashes,
    int jobManagerCrashes,
    int taskManagerPauses,
    int jobManagerPauses,
    double storeFailure,
    double storeLostAck,
    int storeMaxMillis,
    double sinkFailure,
    int userFailures,
    int corruptions,
    int wallJumps,
    boolean cancel) {

  static final Faults NONE = new Faults(0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, false);

  static Faults draw(SplittableRandom chance) {
    return new Faults(
        sometimes(chance) ? chance.nextDouble(0.05) : 0,
        sometimes(chance) ? 1 + chance.nextInt(300) : 2,
        sometimes(chance) ? chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(6) : 0,
        sometimes(chance) ? chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(3) : 0,
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        sometimes(chance) ? 1 + chance.nextInt(1_000) : 3,
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        chance.nextInt(4) == 0 ? 1 + chance.nextInt(2) : 0,
        chance.nextInt(6) == 0 ? 1 : 0,
        sometimes(chance) ? chance.nextInt(3) : 0,
        chance.nextInt(10) == 0);
  }

  private static boolean sometimes(SplittableRandom chance) {
    return chance.nextInt(5) < 2;
  }
}
