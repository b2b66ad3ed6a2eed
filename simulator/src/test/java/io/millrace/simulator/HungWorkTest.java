package io.millrace.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.kernel.Lane;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calls of storage and sinks that do not return, or minutes later, before or after their effect.
 */
class HungWorkTest {
  /** When nothing goes wrong the job ends after about 11 s. */
  private static final long NOT_HELD_UP_MILLIS = 20_000;

  static Stream<Hang> hangs() {
    return Stream.of(
        Hang.forEver(true), Hang.forEver(false), new Hang(150_000, true), new Hang(150_000, false));
  }

  /** Its thread is lost, and nothing else: neither the job nor the next checkpoints wait for it. */
  @ParameterizedTest
  @MethodSource("hangs")
  void aStateFileThatIsNotWrittenCostsOneCheckpoint(Hang hang) {
    for (int at = 4_000; at < 5_000; at += 100) {
      Outcome outcome =
          Story.ofAJobWithLittlePatience()
              .atMillis(at, s -> s.theNextWorkHangs(Lane.STATE, hang))
              .finishes(1);

      assertThat(outcome.tally().of("work hung in STATE")).isEqualTo(1);
      assertThat(outcome.deployments()).isEqualTo(1);
      assertThat(outcome.checkpoints()).isGreaterThan(10);
      assertThat(outcome.virtualMillis()).isLessThan(NOT_HELD_UP_MILLIS);
    }
  }

  /** Whether a manifest is on its way, nobody knows until that is given up and looked for. */
  @ParameterizedTest
  @MethodSource("hangs")
  void aFactThatIsNotWrittenHoldsUpCheckpointsAndNotTheJob(Hang hang) {
    for (int at = 4_000; at < 5_000; at += 100) {
      Outcome outcome =
          Story.ofAJobWithLittlePatience()
              .atMillis(at, s -> s.theNextWorkHangs(Lane.FACTS, hang))
              .finishes(1);

      assertThat(outcome.tally().of("work given up in FACTS")).isEqualTo(1);
      assertThat(outcome.attempts()).isEqualTo(1);
      assertThat(outcome.deployments()).isEqualTo(1);
      assertThat(outcome.virtualMillis()).isBetween(60_000L, 60_000 + NOT_HELD_UP_MILLIS);
    }
  }

  @ParameterizedTest
  @MethodSource("hangs")
  void aCommitThatDoesNotReturnIsDoneAgain(Hang hang) {
    for (int at = 4_000; at < 5_000; at += 100) {
      Outcome outcome =
          Story.ofAJobWithLittlePatience()
              .atMillis(at, s -> s.theNextWorkHangs(Lane.SINK, hang))
              .finishes(1);

      assertThat(outcome.tally().of("work hung in SINK")).isEqualTo(1);
      assertThat(outcome.deployments()).isEqualTo(1);
      assertThat(outcome.checkpoints()).isGreaterThan(10);
    }
  }

  /** Whoever was given up may take its place all the same, minutes later. */
  @ParameterizedTest
  @MethodSource("hangs")
  void aSinkWhosePlaceIsNotTakenAtOnceHoldsUpTheStart(Hang hang) {
    Outcome outcome =
        Story.ofAJobWithLittlePatience()
            .atMillis(0, s -> s.theNextWorkHangs(Lane.SINK, hang))
            .finishes(1);

    assertThat(outcome.tally().of("work given up in SINK")).isEqualTo(1);
    assertThat(outcome.attempts()).isEqualTo(1);
    assertThat(outcome.virtualMillis()).isBetween(120_000L, 120_000 + NOT_HELD_UP_MILLIS);
  }

  @ParameterizedTest
  @MethodSource("hangs")
  void aJobWhoseSinksAreNotSettledAtOnceEndsLater(Hang hang) {
    Outcome outcome =
        Story.ofAJobWithLittlePatience()
            .rightAfter("rename tmp/.*/intent", s -> s.theNextWorkHangs(Lane.SINK, hang))
            .atMillis(6_000, Story::userCancels)
            .finishes(2);

    assertThat(outcome.tally().of("work given up in SINK")).isEqualTo(1);
    assertThat(outcome.tally().of("job continued from a retained checkpoint")).isEqualTo(1);
  }

  @Test
  void stateThatCannotBeReadIsReadAgain() {
    Outcome outcome =
        Story.ofAJobWithLittlePatience()
            .atMillis(
                5_000,
                s -> {
                  s.theNextWorkHangs(Lane.LOAD, Hang.forEver(true));
                  s.allTaskManagersDie();
                })
            .finishes(1);

    assertThat(outcome.tally().of("work given up in LOAD")).isEqualTo(1);
    assertThat(outcome.deployments()).isEqualTo(3);
    assertThat(outcome.virtualMillis()).isBetween(300_000L, 330_000L);
  }
}
