package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.ClientRequest;
import io.millrace.runtime.protocol.JobStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A scripted life of a cluster: a steady job on two TaskManagers, nothing goes wrong but what the
 * story tells, and every rule of the simulator is watched.
 */
final class Story {
  private final Simulation life;
  private SimulatedProcess hero;
  private int happened;

  private Story(long seed, Faults faults) {
    this.life = new Simulation(seed, false, Optional.of(faults));
  }

  private Story(boolean apart) {
    this.life = new Simulation(1, false, Optional.of(Faults.NONE), Optional.of(apart));
  }

  /**
   * Beside it in its cluster a job fails, soon after each of its checkpoints.
   *
   * @param apart whether the two share no TaskManager
   */
  static Story besideAJobThatFailsOnAndOn(boolean apart) {
    return new Story(apart);
  }

  /** As often as the other job fails, its process goes with it. */
  Story eachFailureTakesItsProcessAlong() {
    life.moments()
        .add(
            (who, isBefore, taken) -> {
              if (taken.equals("user code fails")) {
                life.platform().crash(who);
              }
            });
    return this;
  }

  /** When the other job fails, in the time of its cluster. */
  Story notesWhenItFails(List<Long> millis) {
    life.moments()
        .add(
            (who, isBefore, taken) -> {
              if (taken.equals("user code fails")) {
                millis.add(life.world().millis());
              }
            });
    return this;
  }

  static Story ofAJob() {
    return new Story(1, Faults.NONE);
  }

  /** A new JobManager gets fresh TaskManagers; the old ones live on for up to a minute. */
  static Story ofAJobWhoseOldProcessesLinger() {
    Faults.Processes lingering = new Faults.Processes(0, 0, 0, 0, 0, 0, 0, 0, 60_000, 0, 0, 0);
    return new Story(
        1, new Faults(Faults.Links.SOUND, lingering, Faults.Storage.SOUND, Faults.Program.SOUND));
  }

  /**
   * Most of its TaskManagers have nothing to do.
   *
   * @param taskManagers in all
   */
  static Story ofAJobAmongMany(int taskManagers) {
    var many = new Faults.Processes(0, 0, 0, 0, 0, 0, 0, 0, 1_000, taskManagers - 2, 1, 0);
    return new Story(
        1, new Faults(Faults.Links.SOUND, many, Faults.Storage.SOUND, Faults.Program.SOUND));
  }

  /** Tells of each step at the store, with the time, who is about to take it. */
  Story watching(StepWatch watch) {
    life.moments()
        .add(
            (who, isBefore, step) -> {
              if (isBefore) {
                watch.at(life.world().millis(), who.name(), step);
              }
            });
    return this;
  }

  /** Sees what is done at the store. */
  interface StepWatch {
    void at(long millis, String who, String step);
  }

  /** A checkpoint of it is given up soon. */
  static Story ofAJobWithLittlePatience() {
    var program = new Faults.Program(0, 0, false, "fail", true, 2_000);
    return new Story(
        1, new Faults(Faults.Links.SOUND, Faults.Processes.SOUND, Faults.Storage.SOUND, program));
  }

  /** The platform bears witness to its JobManagers, whose lease is short. */
  static Story ofAJobThatIsWatched() {
    var watched = new Faults.Silences(true, 0, 0, 0);
    return new Story(
        1,
        new Faults(
            Faults.Links.SOUND,
            Faults.Processes.SOUND,
            Faults.Storage.SOUND,
            Faults.Program.SOUND,
            watched));
  }

  /** Its sinks take back what a checkpoint promised that cannot be read. */
  static Story ofAJobThatMayGoBack() {
    var program = new Faults.Program(0, 0, false, "rollback", true, 60_000);
    return new Story(
        1, new Faults(Faults.Links.SOUND, Faults.Processes.SOUND, Faults.Storage.SOUND, program));
  }

  /** Once, right before whoever it is takes the step. */
  Story rightBefore(String step, Consumer<Story> what) {
    return at(true, step, what);
  }

  /** Once, right after the step has had its effect, before anybody learns of it. */
  Story rightAfter(String step, Consumer<Story> what) {
    return at(false, step, what);
  }

  private Story at(boolean before, String step, Consumer<Story> what) {
    boolean[] done = {false};
    life.moments()
        .add(
            (who, isBefore, taken) -> {
              if (!done[0] && isBefore == before && taken.matches(".*" + step + ".*")) {
                done[0] = true;
                happened++;
                hero = who;
                what.accept(this);
              }
            });
    return this;
  }

  /** Right before a JobManager takes its n-th step at the store. */
  Story beforeStep(int number, int jobManager, Consumer<Story> what) {
    int[] steps = {0};
    life.moments()
        .add(
            (who, isBefore, taken) -> {
              if (isBefore && who.name().equals("jobmanager-" + jobManager)) {
                steps[0]++;
                if (steps[0] == number) {
                  happened++;
                  hero = who;
                  what.accept(this);
                }
              }
            });
    return this;
  }

  /** A JobManager breaks an invariant when it sends its first message of that kind. */
  Story breaksAt(String kind, int jobManager) {
    life.platform().plantBreak(jobManager, kind, () -> happened++);
    return this;
  }

  /** The first work of that kind begins so much later than it was asked for. */
  Story firstWorkIsLate(Lane lane, long millis) {
    life.platform().delays().delayNext(lane, millis);
    return this;
  }

  Story atMillis(long millis, Consumer<Story> what) {
    life.world()
        .afterMillis(
            millis,
            "the story goes on",
            () -> {
              happened++;
              what.accept(this);
            });
    return this;
  }

  // ---- what may happen

  /** Whoever takes the step dies. */
  void itDies() {
    life.platform().crash(hero);
  }

  /** Whoever takes the step sleeps, and takes it late. */
  void itSleeps(long millis) {
    SimulatedProcess sleeper = hero;
    sleeper.pause();
    life.world().afterMillis(millis, "wake " + sleeper, sleeper::resume);
  }

  /** The platform starts another JobManager beside the one that takes the step. */
  void itIsReplacedIn(long millis) {
    life.platform().replaceIn(millis, hero);
  }

  void everybodySleeps(long millis) {
    life.platform().outages().pauseEverybody(millis);
  }

  void jobManagerSleeps(long millis) {
    life.platform().outages().pauseJobManager(millis, false);
  }

  void wallClocksJump(long millis) {
    life.world().setWallSkew(millis);
  }

  void taskManagersCannotReachEachOther(long millis) {
    life.platform().outages().partitionTaskManagers(millis);
  }

  void aConnectionBreaks(long millis) {
    life.platform().breakConnection(millis);
  }

  void allConnectionsBreak(long millis) {
    life.platform().breakAllConnections(millis);
  }

  void allTaskManagersSleep(long millis) {
    life.platform().outages().pauseAllTaskManagers(millis);
  }

  /** Of whatever process. */
  void theNextWorkHangs(Lane lane, Hang hang) {
    life.platform().delays().hangNext(lane, hang);
  }

  /** TaskManagers still reach it. */
  void jobManagerIsCutOffFrom(Seclusion.Silent who, long millis) {
    life.platform().seclude(who, millis);
  }

  /** How many JobManagers there have been. */
  int jobManagers() {
    return life.platform().attempts();
  }

  /** Whether that one has not ended. */
  boolean lives(int jobManager) {
    return life.platform().jobManager(jobManager).alive();
  }

  /** What becomes durable next as a checkpoint cannot be read later. */
  void theNextManifestIsSpoilt() {
    life.store().spoilNextManifest();
  }

  void allTaskManagersDie() {
    life.platform().crashAllTaskManagers();
  }

  void jobManagerDies() {
    life.platform().crashJobManager();
  }

  void aTaskManagerDies() {
    life.platform().crashTaskManager();
  }

  /** The platform takes it for dead, and it is not. */
  void jobManagerSleepsAndIsReplaced(long millis) {
    life.platform().outages().pauseJobManager(millis, true);
  }

  void userCancels() {
    life.cancel();
  }

  void userTakesASavepoint(ClientRequest.Then then) {
    life.takeSavepoint(then);
  }

  /** The job goes on from it, and gets it for its own. */
  void userStopsItWithASavepointForTheNext() {
    life.takeSavepoint(ClientRequest.Then.STOP);
    life.claimNext();
  }

  void storageIsDown(long millis) {
    life.store().down(true);
    life.world().afterMillis(millis, "storage is back", () -> life.store().down(false));
  }

  void messagesAreLost(String kind, int count) {
    life.network().lose(kind, count);
  }

  // ---- how it ends

  /** The job ends as it should, all rules held, and the story came about as often as told. */
  Outcome endsAs(JobStatus status, int happenings) {
    Outcome outcome = life.run();
    assertThat(outcome.status()).as(outcome::toString).isEqualTo(status);
    assertThat(happened).as("what the story tells").isEqualTo(happenings);
    return outcome;
  }

  /** All rules hold, whatever of the story came about. */
  Outcome runsToItsEnd() {
    return life.run();
  }

  Outcome finishes(int happenings) {
    return endsAs(JobStatus.FINISHED, happenings);
  }
}
