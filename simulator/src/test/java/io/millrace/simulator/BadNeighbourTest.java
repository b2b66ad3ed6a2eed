package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job does to others of its cluster that fails on and on. */
class BadNeighbourTest {
  private static final String FAILED = "user code failed once more";
  private static final String READ = "state read from the store";

  /** Its first TaskManager may go to the other job, which waits for one when it fails first. */
  private static final int READS_OF_ONE_START = 12;

  /** The pauses between its starts grow, and its state lies where it starts again. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void startsAgainEverLaterFromLocalDisk(boolean apart) {
    var failures = new ArrayList<Long>();
    Outcome outcome =
        Story.besideAJobThatFailsOnAndOn(apart).notesWhenItFails(failures).finishes(0);

    assertThat(outcome.deployments()).as("of the job beside it").isEqualTo(1);
    assertThat(outcome.tally().of(FAILED)).as(outcome::toString).isGreaterThan(10);
    assertThat(outcome.virtualMillis()).isGreaterThan(60_000);
    assertThat(lastPause(failures)).as("%s", failures).isGreaterThan(10 * firstPause(failures));
    assertThat(outcome.tally().of(READ)).isLessThanOrEqualTo(apart ? READS_OF_ONE_START : 0);
  }

  @Test
  void takesNoProcessAlongThatIsNotItsOwnIfJobsAreIsolated() {
    Outcome apart =
        Story.besideAJobThatFailsOnAndOn(true).eachFailureTakesItsProcessAlong().finishes(0);
    assertThat(apart.deployments()).isEqualTo(1);

    Outcome together =
        Story.besideAJobThatFailsOnAndOn(false).eachFailureTakesItsProcessAlong().finishes(0);
    assertThat(together.deployments()).as("what isolation spares it").isGreaterThan(1);
    assertThat(apart.tally().of(FAILED)).isGreaterThan(5);
  }

  private static long firstPause(List<Long> millis) {
    return millis.get(1) - millis.get(0);
  }

  private static long lastPause(List<Long> millis) {
    return millis.get(millis.size() - 1) - millis.get(millis.size() - 2);
  }
}
