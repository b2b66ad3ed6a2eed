package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulator.Seclusion.Silent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A JobManager that its TaskManagers reach, but the platform does not, or the store, or neither:
 * with a lease of 3.6 s, and a platform that starts another one after 6 s of silence.
 */
class SilentWitnessesTest {
  private static final String ENDED_ITSELF = "JobManager ended itself for want of a witness";
  private static final String REPLACED = "JobManager replaced as the platform did not hear it";

  @Test
  void endsItselfBeforeThePlatformStartsAnotherOneIfNeitherAnswers() {
    List<String> seen = new ArrayList<>();
    Outcome outcome =
        Story.ofAJobThatIsWatched()
            .atMillis(3_000, s -> s.jobManagerIsCutOffFrom(Silent.BOTH, 60_000))
            .atMillis(6_000, s -> seen.add("within the lease " + s.lives(1)))
            .atMillis(8_000, s -> seen.add("after it " + s.lives(1)))
            .finishes(3);

    assertThat(seen).containsExactly("within the lease true", "after it false");
    assertThat(outcome.tally().of(ENDED_ITSELF)).isEqualTo(1);
    assertThat(outcome.tally().of(REPLACED)).isZero();
    assertThat(outcome.attempts()).isEqualTo(2);
    assertThat(outcome.deployments()).as("its tasks go on under the next").isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"PLATFORM", "STORE"})
  void goesOnForAsLongAsOneAnswers(Silent other) {
    long[] longest = {other == Silent.PLATFORM ? 5_500 : 60_000};
    Outcome outcome =
        Story.ofAJobThatIsWatched()
            .atMillis(3_000, s -> s.jobManagerIsCutOffFrom(other, longest[0]))
            .finishes(1);

    assertThat(outcome.attempts()).isEqualTo(1);
    assertThat(outcome.deployments()).isEqualTo(1);
    assertThat(outcome.tally().of(ENDED_ITSELF)).isZero();
  }

  /** The platform takes it for dead, and the claims folder says so within one question. */
  @Test
  void endsItselfWhenTheClaimsFolderDeniesItThoughThePlatformIsSilent() {
    List<String> seen = new ArrayList<>();
    Outcome outcome =
        Story.ofAJobThatIsWatched()
            .atMillis(3_000, s -> s.jobManagerIsCutOffFrom(Silent.PLATFORM, 60_000))
            .atMillis(8_900, s -> seen.add(s.jobManagers() + ", the first lives " + s.lives(1)))
            .atMillis(10_500, s -> seen.add(s.jobManagers() + ", the first lives " + s.lives(1)))
            .finishes(3);

    assertThat(seen).containsExactly("1, the first lives true", "2, the first lives false");
    assertThat(outcome.tally().of(REPLACED)).isEqualTo(1);
    assertThat(outcome.tally().of("JobManager fenced")).isEqualTo(1);
    assertThat(outcome.tally().of(ENDED_ITSELF)).isZero();
    assertThat(outcome.deployments()).as("its tasks go on under the next").isEqualTo(1);
  }
}
