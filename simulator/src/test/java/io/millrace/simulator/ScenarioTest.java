package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.kernel.Lane;
import io.millrace.runtime.protocol.ClientRequest.Then;
import io.millrace.runtime.protocol.JobStatus;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  private static final String THIRD_MANIFEST = "rename tmp/.*/manifest-0*3";

  @Test
  void twoClaimersMayPauseBetweenAnyTwoSteps() {
    int met = 0;
    for (int first = 1; first <= 22; first++) {
      for (int second = 1; second <= 22; second += 5) {
        met += twoClaimersPauseAt(first, second);
      }
    }
    assertThat(met).as("lives in which both paused").isGreaterThan(80);
  }

  /**
   * The first one sleeps before a step, and the second one before another until the first is up.
   */
  private static int twoClaimersPauseAt(int first, int second) {
    int[] slept = {0};
    Story story =
        Story.ofAJobWhoseOldProcessesLinger()
            .beforeStep(
                first,
                1,
                s -> {
                  slept[0]++;
                  s.itSleeps(3_000);
                  s.itIsReplacedIn(100);
                })
            .beforeStep(
                second,
                2,
                s -> {
                  slept[0]++;
                  s.itSleeps(4_000);
                });
    story.runsToItsEnd();
    return slept[0] == 2 ? 1 : 0;
  }

  @Test
  void aJobManagerDiesBetweenTheManifestsRenameAndCompleted() {
    Outcome outcome = Story.ofAJob().rightAfter(THIRD_MANIFEST, Story::itDies).finishes(1);
    assertThat(outcome.attempts()).isEqualTo(2);
    assertThat(outcome.deployments()).isEqualTo(1);
  }

  @Test
  void aJobManagerDiesRightBeforeTheManifestsRename() {
    Outcome outcome = Story.ofAJob().rightBefore(THIRD_MANIFEST, Story::itDies).finishes(1);
    assertThat(outcome.attempts()).isEqualTo(2);
  }

  @Test
  void aTaskManagerDiesBetweenItsAcknowledgementAndItsCommit() {
    Outcome outcome = Story.ofAJob().rightBefore("commit .*", Story::itDies).finishes(1);
    assertThat(outcome.deployments()).isBetween(2, 3);
  }

  @Test
  void aTaskManagerDiesRightAfterItsCommitBeforeAnybodyKnows() {
    Outcome outcome = Story.ofAJob().rightAfter("commit .*", Story::itDies).finishes(1);
    assertThat(outcome.deployments()).isBetween(2, 3);
  }

  @Test
  void aTaskManagerDiesWhileItRestoresAndTheSameCheckpointIsRestoredAgain() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, Story::allTaskManagersDie)
            .rightBefore("restore data/.*", Story::itDies)
            .finishes(2);
    assertThat(outcome.deployments()).isEqualTo(3);
  }

  @Test
  void aSleepingJobManagerWakesWhenItsSuccessorHasFinishedTheJob() {
    Outcome outcome =
        Story.ofAJobWhoseOldProcessesLinger()
            .rightBefore(
                THIRD_MANIFEST,
                s -> {
                  s.itSleeps(40_000);
                  s.itIsReplacedIn(1_000);
                })
            .finishes(1);
    assertThat(outcome.attempts()).isEqualTo(2);
    assertThat(outcome.tally().of("processes outlived the job")).isEqualTo(1);
  }

  @Test
  void workOnSinksThatWasHeldUpTakesNoPlaceOnceASuccessorHasFinishedTheJob() {
    Outcome outcome =
        Story.ofAJobWhoseOldProcessesLinger()
            .firstWorkIsLate(Lane.SINK, 20_000)
            .rightAfter("rename .*address", s -> s.itIsReplacedIn(100))
            .finishes(1);
    assertThat(outcome.attempts()).isEqualTo(2);
    assertThat(outcome.tally().of("JobManager fenced")).isEqualTo(1);
  }

  @Test
  void aReplacedJobManagerThatStillReachesEverythingCompletesNoCheckpoint() {
    Outcome outcome =
        Story.ofAJobWhoseOldProcessesLinger()
            .rightAfter(THIRD_MANIFEST, s -> s.itIsReplacedIn(10))
            .finishes(1);
    assertThat(outcome.attempts()).isEqualTo(2);
    assertThat(outcome.tally().of("JobManager fenced")).isEqualTo(1);
  }

  @Test
  void lostDeploymentsTriggersAndCompletionsAreRepeated() {
    for (String kind :
        new String[] {"Deploy", "TriggerCheckpoint", "CheckpointCompleted", "Registered"}) {
      Story story = Story.ofAJob();
      story.messagesAreLost(kind, 3);
      Outcome outcome = story.finishes(0);
      assertThat(outcome.tally().of("message lost: " + kind)).isEqualTo(3);
      assertThat(outcome.deployments()).as(kind).isEqualTo(1);
    }
  }

  @Test
  void tenMinutesWithoutStorageRestartNothing() {
    Outcome outcome = Story.ofAJob().atMillis(6_000, s -> s.storageIsDown(600_000)).finishes(1);
    assertThat(outcome.virtualMillis()).isGreaterThan(600_000);
    assertThat(outcome.deployments()).isEqualTo(1);
  }

  @Test
  void aConnectionThatBreaksAfterTheLastRecordDoesNotHoldUpTheFinalCheckpoint() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.storageIsDown(30_000))
            .atMillis(25_000, s -> s.taskManagersCannotReachEachOther(1_000))
            .finishes(2);
    assertThat(outcome.deployments()).isEqualTo(2);
    assertThat(outcome.virtualMillis()).isLessThan(120_000);
  }

  @Test
  void shortSleepsAndWallClocksThatJumpRestartNothing() {
    Story story = Story.ofAJob();
    for (int second = 4; second < 12; second += 4) {
      story.atMillis(second * 1_000, s -> s.everybodySleeps(3_000));
    }
    story.atMillis(5_500, s -> s.wallClocksJump(-3_600_000));
    story.atMillis(6_500, s -> s.wallClocksJump(365L * 24 * 3_600_000));
    assertThat(story.finishes(4).deployments()).isEqualTo(1);
  }

  @Test
  void aJobManagerThatSleptItselfGivesNobodyUpForSilence() {
    Outcome outcome = Story.ofAJob().atMillis(5_000, s -> s.jobManagerSleeps(20_000)).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(1);
  }

  @Test
  void aTaskManagerThatSleptLongComesBackToAWorldThatDoesNotWantIt() {
    Outcome outcome = Story.ofAJob().rightAfter("flush .*", s -> s.itSleeps(30_000)).finishes(1);
    assertThat(outcome.deployments()).isBetween(2, 3);
    assertThat(outcome.taskManagers()).isEqualTo(3);
  }

  @Test
  void allTaskManagersDieAtOnceAndTheJobRestartsOnce() {
    Outcome outcome = Story.ofAJob().atMillis(5_000, Story::allTaskManagersDie).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(2);
  }

  @Test
  void aJobWhoseFilesCannotBeDeletedHasFinishedAllTheSame() {
    Outcome outcome =
        Story.ofAJob()
            .rightAfter("rename tmp/.*/result", s -> s.storageIsDown(600_000))
            .finishes(1);
    assertThat(outcome.tally().of("files left in an outage")).isEqualTo(1);
  }

  @Test
  void aCanceledJobGoesOnElsewhereFromItsCheckpointWithNothingTwice() {
    Outcome outcome = Story.ofAJob().atMillis(6_000, Story::userCancels).finishes(1);
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(2);
  }

  private static final String CONTINUED = "job continued from the savepoint it was stopped with";

  @Test
  void aStoppedJobGoesOnFromItsSavepointWithNothingTwice() {
    Outcome outcome =
        Story.ofAJob().atMillis(6_000, s -> s.userTakesASavepoint(Then.STOP)).finishes(1);
    assertThat(outcome.tally().of(CONTINUED)).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(2);
  }

  @Test
  void aSuccessorFinishesAStopBetweenTheLastManifestAndTheSavepoints() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.userTakesASavepoint(Then.STOP))
            .rightBefore("savepoint create tmp/.*manifest", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of(CONTINUED)).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(3);
  }

  @Test
  void aSuccessorFinishesAStopBetweenTheSavepointsManifestAndTheEnd() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.userTakesASavepoint(Then.STOP))
            .rightAfter("savepoint rename tmp/.*manifest", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of(CONTINUED)).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(3);
  }

  /** Nothing was decided: the job runs on, and the user's next question stops it for good. */
  @Test
  void aJobManagerDiesBeforeTheLastManifestOfAStop() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.userTakesASavepoint(Then.STOP))
            .rightAfter("savepoint mkdir", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of(CONTINUED)).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(3);
  }

  @Test
  void aJobCancelledWithASavepointGoesOnFromIt() {
    Outcome outcome =
        Story.ofAJob().atMillis(6_000, s -> s.userTakesASavepoint(Then.CANCEL)).finishes(1);
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
    assertThat(outcome.tally().of("savepoint completed")).isEqualTo(1);
  }

  /** All timers fire where the input was cut off, also where the JobManager dies on the way. */
  @Test
  void aDrainedJobTellsTheTotalsOfWhatItHasRead() {
    Outcome outcome =
        Story.ofAJob().atMillis(6_000, s -> s.userTakesASavepoint(Then.DRAIN)).finishes(1);
    assertThat(outcome.tally().of("job drained")).isEqualTo(1);
    outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.userTakesASavepoint(Then.DRAIN))
            .rightBefore("savepoint create tmp/.*manifest", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of("job drained")).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(2);
  }

  @Test
  void aSavepointDisturbsNothing() {
    Outcome outcome =
        Story.ofAJob().atMillis(6_000, s -> s.userTakesASavepoint(Then.GO_ON)).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.tally().of("savepoint completed")).isEqualTo(1);
  }

  @Test
  void aJobManagerDiesAmidASavepointAndItsSuccessorTakesItAnew() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.userTakesASavepoint(Then.GO_ON))
            .rightBefore("savepoint create tmp/.*manifest", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of("savepoint completed")).isEqualTo(1);
    assertThat(outcome.tally().of("savepoint failed")).isZero();
  }

  /**
   * Of what the job was given to begin with, nothing is left in the end, not even its directory.
   */
  @Test
  void aJobManagerDiesAsTheSavepointGoesThatItsJobWasGiven() {
    for (String step :
        new String[] {
          "savepoint rename epochs/.*dropped-",
          "savepoint delete data/",
          "savepoint delete epochs/.*dropped-",
          "savepoint remove directory"
        }) {
      assertGoesWhole(step, Story.ofAJob().rightBefore(step, Story::itDies));
      assertGoesWhole(step, Story.ofAJob().rightAfter(step, Story::itDies));
    }
  }

  private static void assertGoesWhole(String step, Story story) {
    Outcome outcome = story.atMillis(6_000, Story::userStopsItWithASavepointForTheNext).finishes(2);
    assertThat(outcome.attempts()).as(step).isEqualTo(3);
    assertThat(outcome.tally().of("what a job started from was deleted")).as(step).isEqualTo(1);
    assertThat(outcome.tally().of("directory of a savepoint removed")).as(step).isPositive();
  }

  /** What sinks do to take their places must not come after they have been settled. */
  @Test
  void aJobIsCancelledWhileItsSinksTakeTheirPlaces() {
    Story.ofAJob()
        .firstWorkIsLate(Lane.SINK, 5_000)
        .atMillis(2_000, Story::userCancels)
        .rightBefore("create tmp/.*result", s -> s.itSleeps(5_000))
        .endsAs(JobStatus.CANCELED, 2);
  }

  @Test
  void aJobWhoseStoreCannotBeReachedIsCancelledOnceItCan() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(0, s -> s.storageIsDown(90_000))
            .atMillis(5_000, Story::userCancels)
            .endsAs(JobStatus.CANCELED, 2);
    assertThat(outcome.tally().of("user told what holds up the cancel")).isGreaterThan(10);
    assertThat(outcome.virtualMillis()).isBetween(90_000L, 110_000L);
    assertThat(outcome.deployments()).isZero();
  }

  /** What was not durable dies with the JobManager, and the user, who was told, asks again. */
  @Test
  void aJobManagerDiesThatHasNotBeenAbleToDecideACancel() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, s -> s.storageIsDown(30_000))
            .atMillis(7_000, Story::userCancels)
            .atMillis(20_000, Story::jobManagerDies)
            .finishes(3);
    assertThat(outcome.tally().of("user told what holds up the cancel")).isPositive();
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
  }

  /** Nobody else can keep the promise: the only checkpoint that names it cannot be read. */
  @Test
  void aTaskManagerKeepsLateWhatADamagedCheckpointPromised() {
    Outcome outcome =
        Story.ofAJobWhoseOldProcessesLinger()
            .rightBefore("rename tmp/.*/manifest-0*1", Story::theNextManifestIsSpoilt)
            .rightAfter(
                "rename tmp/.*/manifest-0*1",
                s -> {
                  s.allTaskManagersSleep(6_000);
                  s.atMillis(100, Story::jobManagerDies); // once it has told them
                })
            .endsAs(JobStatus.FAILED, 3);
    assertThat(
            outcome
                .tally()
                .of("what a spoilt checkpoint promised became visible after the job's end"))
        .isEqualTo(1);
  }

  /** What they had promised is taken back: to go on with them would lose it. */
  @Test
  void tasksThatRanBeforeTheJobWentBackAreNotAdopted() {
    String sinksTakeBack = "(?<!.)rollback(?!.)";
    for (String step : new String[] {"rename tmp/.*rollback-0*1", sinksTakeBack}) {
      Outcome outcome =
          Story.ofAJobThatMayGoBack()
              .rightBefore("rename tmp/.*/manifest-0*4", Story::theNextManifestIsSpoilt)
              .rightAfter("rename tmp/.*/manifest-0*4", s -> s.atMillis(100, Story::jobManagerDies))
              .rightAfter(step, Story::itDies)
              .finishes(4);
      assertThat(outcome.attempts()).as(step).isEqualTo(3);
      assertThat(outcome.deployments()).as(step).isEqualTo(2);
    }
  }

  @Test
  void aCancelRacesWithTheDeathOfTheJobManager() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(6_000, Story::userCancels)
            .rightAfter("rename tmp/.*/intent", Story::itDies)
            .finishes(2);
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
  }

  /** The one that was killed before does not count. What was promised is kept, and goes on. */
  @Test
  void aJobWhoseRecoveryCrashedTheJobManagerTwiceIsQuarantined() {
    Outcome outcome =
        Story.ofAJob()
            .rightAfter(THIRD_MANIFEST, Story::itDies)
            .breaksAt("TriggerCheckpoint", 2)
            .breaksAt("TriggerCheckpoint", 3)
            .endsAs(JobStatus.FINISHED, 3);
    assertThat(outcome.tally().of("job quarantined")).isEqualTo(1);
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
  }

  @Test
  void aJobThatCompletesACheckpointBetweenTwoCrashesGoesOn() {
    Outcome outcome =
        Story.ofAJob()
            .breaksAt("Deploy", 1)
            .breaksAt("CheckpointCompleted", 2)
            .breaksAt("TriggerCheckpoint", 3)
            .finishes(3);
    assertThat(outcome.attempts()).isEqualTo(4);
    assertThat(outcome.tally().of("job quarantined")).isZero();
  }

  @Test
  void aConnectionThatComesBackAtOnceChangesNothing() {
    Story story = Story.ofAJob();
    for (int second = 4; second < 12; second += 2) {
      story.atMillis(second * 1_000, s -> s.aConnectionBreaks(400));
    }
    Outcome outcome = story.finishes(4);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.tally().of("control connection broken")).isEqualTo(4);
  }

  @Test
  void aTaskManagerWhoseConnectionStaysBrokenIsReplacedAndSentHome() {
    Outcome outcome = Story.ofAJob().atMillis(5_000, s -> s.aConnectionBreaks(3_000)).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(2);
    assertThat(outcome.taskManagers()).isEqualTo(3);
  }

  @Test
  void tasksOfADeadJobManagerGoOnUnderTheNextOne() {
    Outcome outcome = Story.ofAJob().atMillis(6_000, Story::jobManagerDies).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.taskManagers()).isEqualTo(2);
    assertThat(outcome.tally().of("TaskManager followed a new JobManager")).isEqualTo(2);
    assertThat(outcome.tally().of("checkpoint of adopted tasks")).isPositive();
  }

  @Test
  void tasksGoOnThroughTheDeathsOfManyJobManagers() {
    Story story = Story.ofAJob();
    for (int second = 5; second < 30; second += 5) {
      story.atMillis(second * 1_000, Story::jobManagerDies);
    }
    Outcome outcome = story.runsToItsEnd();
    assertThat(outcome.status()).isEqualTo(JobStatus.FINISHED);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.attempts()).isGreaterThan(2);
  }

  @Test
  void tasksGoOnUnderANewJobManagerWhileTheOldOneSleeps() {
    Outcome outcome =
        Story.ofAJob().atMillis(6_000, s -> s.jobManagerSleepsAndIsReplaced(12_000)).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(2);
  }

  @Test
  void aJobThatLostATaskManagerWithItsJobManagerStartsFromItsCheckpoint() {
    Outcome outcome =
        Story.ofAJob()
            .atMillis(
                6_000,
                s -> {
                  s.jobManagerDies();
                  s.aTaskManagerDies();
                })
            .finishes(1);
    assertThat(outcome.deployments()).isEqualTo(2);
    assertThat(outcome.taskManagers()).as("one is replaced, one stays").isEqualTo(3);
  }

  @Test
  void tasksWhoseSourcesWereToldToStopAreNotAdopted() {
    var deployments = new TreeSet<Integer>();
    for (int late = 20; late < 1_000; late += 20) {
      Outcome outcome =
          Story.ofAJob()
              .atMillis(6_000, s -> s.userTakesASavepoint(Then.DRAIN))
              .atMillis(6_000 + late, Story::jobManagerDies)
              .runsToItsEnd();
      assertThat(outcome.status()).isEqualTo(JobStatus.FINISHED);
      deployments.add(outcome.deployments());
    }
    assertThat(deployments).as("told before, told afterwards").containsExactly(1, 2);
  }

  @Test
  void aCancelThatMeetsAnAdoptionEndsTheTasksFirst() {
    for (int late = 0; late < 3_000; late += 250) {
      Story.ofAJob()
          .atMillis(6_000, Story::jobManagerDies)
          .atMillis(6_000 + late, Story::userCancels)
          .finishes(2);
    }
  }

  @Test
  void tasksAreDeployedAnewIfTheirTaskManagersAreTakenBack() {
    Outcome outcome =
        Story.ofAJobWhoseOldProcessesLinger().atMillis(6_000, Story::jobManagerDies).finishes(1);
    assertThat(outcome.deployments()).isEqualTo(2);
    assertThat(outcome.taskManagers()).isEqualTo(4);
  }
}
