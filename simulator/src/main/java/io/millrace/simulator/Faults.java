package io.millrace.simulator;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Which faults a run has and how many; drawn first, so that one run has slow disks and another one
 * loses JobManagers.
 *
 * @param links what happens to messages
 * @param processes what happens to processes
 * @param storage what happens to what is written
 * @param program what the job and its user do
 * @param silences what does not answer, drawn apart from the rest
 */
record Faults(
    Links links, Processes processes, Storage storage, Program program, Silences silences) {

  /**
   * @param loss chance that a message finds its connection broken: it is lost
   * @param maxDelayMillis longest time that a message travels
   * @param partitions network partitions in the run
   * @param bursts times in which most messages are lost
   * @param breaks control connections that break while both ends live
   * @param silentDeath chance that a process dies without its connection being closed, as if its
   *     machine had gone
   */
  record Links(
      double loss, int maxDelayMillis, int partitions, int bursts, int breaks, double silentDeath) {
    static final Links SOUND = new Links(0, 2, 0, 0, 0, 0);
  }

  /**
   * @param taskManagerCrashes in the run
   * @param allCrashes in the run, each of all TaskManagers at once
   * @param jobManagerCrashes in the run
   * @param taskManagerPauses in the run; a paused process does nothing and wakes up late
   * @param jobManagerPauses in the run; some longer than the platform waits before it starts
   *     another one
   * @param ambushes deaths and pauses right before or after a step that touches storage or sink
   * @param jobManagerBreaks broken invariants in the run, each at some message that it sends
   * @param withdrawals of TaskManagers in the run, each announced a while before
   * @param lingerMillis how long processes of a JobManager that was replaced may live on
   * @param spareTaskManagers more than asked for
   * @param kept chance that a new JobManager gets the TaskManagers of the one before
   * @param stuck chance that a task that is cancelled stays in user code for a while
   */
  record Processes(
      int taskManagerCrashes,
      int allCrashes,
      int jobManagerCrashes,
      int taskManagerPauses,
      int jobManagerPauses,
      int ambushes,
      int jobManagerBreaks,
      int withdrawals,
      int lingerMillis,
      int spareTaskManagers,
      double kept,
      double stuck) {
    static final Processes SOUND = new Processes(0, 0, 0, 0, 0, 0, 0, 0, 1_000, 0, 1, 0);

    /** How long a task that was told to end stays in user code. */
    long stuckMicros(SplittableRandom chance) {
      return stuck > 0 && chance.nextDouble() < stuck ? 1_000L * (1 + chance.nextInt(8_000)) : 0;
    }
  }

  /**
   * @param failure chance that an operation fails before it has an effect
   * @param lostAck chance that an operation has its effect and then fails
   * @param maxMillis longest time that an operation takes
   * @param outages times in which nothing works
   * @param sinkFailure chance that a flush or a commit of the sink fails, before or after its
   *     effect
   * @param damagedStates state files that are spoilt
   * @param damagedManifests manifests that are spoilt
   * @param localDisk chance that an operation of a process's own disk fails
   * @param slowState chance that a state file is written so late that the execution, or the job,
   *     may be over by then
   */
  record Storage(
      double failure,
      double lostAck,
      int maxMillis,
      int outages,
      double sinkFailure,
      int damagedStates,
      int damagedManifests,
      double localDisk,
      double slowState) {
    static final Storage SOUND = new Storage(0, 0, 3, 0, 0, 0, 0, 0, 0);

    /** How much later than usual a state file is written. */
    long slowStateMicros(SplittableRandom chance) {
      return slowState > 0 && chance.nextDouble() < slowState
          ? 1_000L * (2_000 + chance.nextInt(8_000))
          : 0;
    }
  }

  /**
   * @param userFailures exceptions in user code in the run
   * @param wallJumps of the wall clock in the run
   * @param cancel whether the job is cancelled while it runs
   * @param fallback what the job wants if its newest checkpoint is damaged and sinks committed
   * @param checkpoints whether there are more than the final one
   * @param checkpointTimeoutMillis after which one is given up
   */
  record Program(
      int userFailures,
      int wallJumps,
      boolean cancel,
      String fallback,
      boolean checkpoints,
      int checkpointTimeoutMillis) {
    static final Program SOUND = new Program(0, 0, false, "fail", true, 60_000);
  }

  /**
   * @param watched whether the platform bears witness, to JobManagers with a short lease
   * @param seclusions of JobManagers in the run from one witness, or from both
   * @param hangs of work on storage, classes or sinks in the run
   * @param storms times in which all control connections break at once, and come back at once
   */
  record Silences(boolean watched, int seclusions, int hangs, int storms) {
    static final Silences NONE = new Silences(false, 0, 0, 0);
  }

  Faults(Links links, Processes processes, Storage storage, Program program) {
    this(links, processes, storage, program, Silences.NONE);
  }

  static final Faults NONE = new Faults(Links.SOUND, Processes.SOUND, Storage.SOUND, Program.SOUND);

  /** Storage that is down for minutes, and nothing else. */
  static final Faults OUTAGE =
      new Faults(
          Links.SOUND, Processes.SOUND, new Storage(0, 0, 3, 1, 0, 0, 0, 0, 0), Program.SOUND);

  static Faults draw(SplittableRandom chance) {
    if (chance.nextInt(25) == 0) {
      return OUTAGE;
    }
    return new Faults(links(chance), processes(chance), storage(chance), program(chance));
  }

  /**
   * With what does not answer.
   *
   * @param chance its own, so that all else stays what it was drawn as
   */
  Faults drawSilences(SplittableRandom chance) {
    if (isOutage()) {
      return with(new Silences(chance.nextBoolean(), 0, 0, 0));
    }
    int seclusions = chance.nextInt(6) == 0 ? 1 + chance.nextInt(3) : 0;
    int hangs = chance.nextInt(6) == 0 ? 1 + chance.nextInt(4) : 0;
    int storms = chance.nextInt(8) == 0 ? 1 + chance.nextInt(3) : 0;
    return with(new Silences(seclusions > 0, seclusions, hangs, storms));
  }

  private Faults with(Silences drawn) {
    return new Faults(links, processes, storage, program, drawn);
  }

  /** Whether storage is down for minutes, and nothing else strikes. */
  boolean isOutage() {
    return equals(OUTAGE.with(silences))
        && silences.seclusions + silences.hangs + silences.storms == 0;
  }

  private static Links links(SplittableRandom chance) {
    return new Links(
        sometimes(chance) ? chance.nextDouble(0.05) : 0,
        sometimes(chance) ? 1 + chance.nextInt(300) : 2,
        sometimes(chance) ? chance.nextInt(4) : 0,
        chance.nextInt(5) == 0 ? 1 + chance.nextInt(3) : 0,
        chance.nextInt(3) == 0 ? 1 + chance.nextInt(5) : 0,
        sometimes(chance) ? chance.nextDouble() : 0);
  }

  private static Processes processes(SplittableRandom chance) {
    return new Processes(
        sometimes(chance) ? chance.nextInt(6) : 0,
        chance.nextInt(5) == 0 ? 1 + chance.nextInt(2) : 0,
        sometimes(chance) ? chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(3) : 0,
        chance.nextInt(2) == 0 ? 1 + chance.nextInt(8) : 0,
        chance.nextInt(8) == 0 ? 1 + chance.nextInt(4) : 0,
        chance.nextInt(5) == 0 ? 1 + chance.nextInt(4) : 0,
        sometimes(chance) ? 60_000 : 6_000,
        sometimes(chance) ? chance.nextInt(3) : 0,
        sometimes(chance) ? chance.nextDouble() : 1,
        chance.nextInt(4) == 0 ? chance.nextDouble(0.5) : 0);
  }

  private static Storage storage(SplittableRandom chance) {
    return new Storage(
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        sometimes(chance) ? 1 + chance.nextInt(1_500) : 3,
        chance.nextInt(8) == 0 ? 1 : 0,
        sometimes(chance) ? chance.nextDouble(0.2) : 0,
        chance.nextInt(7) == 0 ? 1 : 0,
        chance.nextInt(9) == 0 ? 1 : 0,
        chance.nextInt(3) == 0 ? chance.nextDouble(0.2) : 0,
        sometimes(chance) ? chance.nextDouble(0.1) : 0);
  }

  private static Program program(SplittableRandom chance) {
    return new Program(
        chance.nextInt(4) == 0 ? 1 + chance.nextInt(4) : 0,
        sometimes(chance) ? chance.nextInt(3) : 0,
        chance.nextInt(5) == 0,
        List.of("fail", "rollback", "rollback", "allow-duplicates").get(chance.nextInt(4)),
        chance.nextInt(12) != 0,
        chance.nextInt(4) == 0 ? 150 + chance.nextInt(600) : 2_000 + chance.nextInt(5_000));
  }

  /** For jobs of which nothing is known but that they end: nothing is spoilt for good. */
  Faults withoutDamage() {
    Storage spared =
        new Storage(
            storage.failure,
            storage.lostAck,
            storage.maxMillis,
            storage.outages,
            storage.sinkFailure,
            0,
            0,
            storage.localDisk,
            storage.slowState);
    return new Faults(links, processes, spared, program, silences);
  }

  boolean damages() {
    return storage.damagedStates > 0 || storage.damagedManifests > 0;
  }

  private static boolean sometimes(SplittableRandom chance) {
    return chance.nextInt(5) < 2;
  }
}
