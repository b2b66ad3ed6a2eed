package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Failure;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
  private static final long WALL = 1_700_000_000_000L;
  private static final Failure LOST = Failure.of(Failure.Kind.RESOURCE, "lost");
  private static final Failure BOOM = user("map", "Boom");

  @Test
  void growsTheDelayUpToItsMaximumWithJitter() {
    RestartPolicy policy =
        policy(
            Map.of(
                "restart-strategy.exponential-delay.initial-backoff", "100 ms",
                "restart-strategy.exponential-delay.backoff-multiplier", "2",
                "restart-strategy.exponential-delay.max-backoff", "1 s"));

    for (long expected : new long[] {100, 200, 400, 800, 1000, 1000}) {
      assertThat(delay(policy, LOST, 0))
          .isBetween(expected * 9 / 10, Math.min(1000, expected * 11 / 10));
    }
    assertThat(policy.restarts()).isEqualTo(6);
  }

  @Test
  void startsAnewAfterAQuietTime() {
    RestartPolicy policy = quietAfterTenSeconds();

    assertThat(delay(policy, LOST, 0)).isEqualTo(100);
    assertThat(delay(policy, LOST, 9_000)).isEqualTo(200);
    assertThat(delay(policy, LOST, 19_000)).isEqualTo(100);
  }

  @Test
  void aClaimOfItsOwnRecordTakesNoQuietTimeBack() {
    RestartPolicy policy = quietAfterTenSeconds();
    policy.inherit(0, List.of(), at(0));
    assertThat(delay(policy, LOST, 0)).isEqualTo(100);
    policy.inherit(1, List.of(), at(100));
    assertThat(delay(policy, LOST, 20_000)).isEqualTo(100);
    policy.inherit(2, List.of(), at(20_100));
    assertThat(delay(policy, LOST, 21_000)).isEqualTo(200);
    assertThat(policy.restarts()).isEqualTo(3);
  }

  @Test
  void restartsOfAnEarlierJobManagerCountUntilAQuietTime() {
    RestartPolicy policy = quietAfterTenSeconds();
    policy.inherit(2, List.of(), at(0));
    assertThat(delay(policy, LOST, 9_000)).isEqualTo(400);
    assertThat(delay(policy, LOST, 19_000)).isEqualTo(100);

    RestartPolicy calm = quietAfterTenSeconds();
    calm.inherit(2, List.of(), at(0));
    assertThat(delay(calm, LOST, 10_000)).isEqualTo(100);
  }

  @Test
  void usesUpItsFixedRestartsAlsoThoseOfAnEarlierJobManager() {
    RestartPolicy policy =
        policy(
            Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "2",
                "restart-strategy.fixed-delay.delay", "3 s"));
    policy.inherit(1, List.of(), at(0));

    assertThat(delay(policy, LOST, 0)).isEqualTo(3_000);
    assertThat(policy.decide(LOST, at(0))).isInstanceOf(RestartPolicy.GiveUp.class);
  }

  /** Its own are those of claims that failed, before it could know of any others. */
  @Test
  void restartsOfAnEarlierJobManagerComeOnTopOfItsOwn() {
    RestartPolicy policy =
        policy(
            Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "3",
                "restart-strategy.fixed-delay.delay", "3 s"));
    assertThat(delay(policy, LOST, 0)).isEqualTo(3_000);
    policy.inherit(2, List.of(), at(10));

    assertThat(policy.restarts()).isEqualTo(3);
    assertThat(policy.decide(LOST, at(20))).isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void allowsSoManyFailuresInAnyInterval() {
    RestartPolicy policy = twoInTenSeconds();

    assertThat(delay(policy, LOST, 0)).isEqualTo(3_000);
    assertThat(delay(policy, LOST, 9_000)).isEqualTo(3_000);
    // The first one is out of the interval, the second one is not.
    assertThat(delay(policy, LOST, 10_001)).isEqualTo(3_000);
    assertThat(policy.decide(LOST, at(19_000)))
        .isInstanceOfSatisfying(
            RestartPolicy.GiveUp.class,
            giveUp ->
                assertThat(giveUp.failure().message())
                    .contains("3 failures within 10000 ms, allowed 2"));
  }

  @Test
  void anIntervalEndsWithItsLastMillisecond() {
    RestartPolicy policy = twoInTenSeconds();
    assertThat(delay(policy, LOST, 0)).isEqualTo(3_000);
    assertThat(delay(policy, LOST, 1)).isEqualTo(3_000);

    assertThat(policy.decide(LOST, at(10_000))).isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void withoutFurtherWordTheSecondFailureInAMinuteIsOneTooMany() {
    Map<String, String> settings = Map.of("restart-strategy.type", "failure-rate");
    RestartPolicy seldom = policy(settings);
    for (int minute = 0; minute < 10; minute++) {
      assertThat(delay(seldom, LOST, minute * 60_001L)).isEqualTo(1_000);
    }
    RestartPolicy often = policy(settings);
    assertThat(delay(often, LOST, 0)).isEqualTo(1_000);
    assertThat(often.decide(LOST, at(60_000))).isInstanceOf(RestartPolicy.GiveUp.class);
  }

  /** The successor's machine has started later, and its clock tells another time. */
  @Test
  void failuresUnderAnEarlierJobManagerCountWhileTheyAreRecent() {
    RestartPolicy first = twoInTenSeconds();
    first.decide(LOST, new Clock(500_000, 1_700_000_000_000L));
    first.decide(LOST, new Clock(504_000, 1_700_000_004_000L));
    List<Long> recorded = first.recentFailures();
    assertThat(recorded).containsExactly(1_700_000_000_000L, 1_700_000_004_000L);

    RestartPolicy tooMany = twoInTenSeconds();
    tooMany.inherit(2, recorded, new Clock(20, 1_700_000_009_000L));
    assertThat(tooMany.decide(LOST, new Clock(1_020, 1_700_000_010_000L)))
        .isInstanceOf(RestartPolicy.GiveUp.class);

    RestartPolicy fewEnough = twoInTenSeconds();
    fewEnough.inherit(2, recorded, new Clock(20, 1_700_000_009_000L));
    assertThat(fewEnough.decide(LOST, new Clock(1_021, 1_700_000_010_001L)))
        .isInstanceOf(RestartPolicy.Restart.class);
    assertThat(fewEnough.restarts()).isEqualTo(3);
    assertThat(fewEnough.recentFailures()).containsExactly(1_700_000_004_000L, 1_700_000_010_001L);
  }

  @Test
  void aClaimThatIsRepeatedCountsNoFailureTwice() {
    RestartPolicy policy = twoInTenSeconds();
    policy.inherit(1, List.of(7_000L), new Clock(0, 8_000));
    policy.inherit(1, List.of(7_000L), new Clock(100, 8_100));
    policy.decide(LOST, new Clock(200, 8_200));
    policy.inherit(2, policy.recentFailures(), new Clock(300, 8_300));

    assertThat(policy.recentFailures()).containsExactly(7_000L, 8_200L);
  }

  @Test
  void failuresOfTheSameMillisecondAreSeveral() {
    RestartPolicy policy = twoInTenSeconds();
    policy.inherit(2, List.of(7_000L, 7_000L), new Clock(0, 8_000));

    assertThat(policy.decide(LOST, new Clock(1_000, 9_000)))
        .isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void aFailureAheadOfTheClockHasJustHappened() {
    RestartPolicy policy = twoInTenSeconds();
    policy.inherit(2, List.of(99_000L, 99_001L), new Clock(0, 8_000));

    assertThat(policy.decide(LOST, new Clock(10_000, 18_000)))
        .isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void neverRestartsIfAskedNotTo() {
    assertThat(policy(Map.of("restart-strategy", "none")).decide(LOST, at(0)))
        .isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void givesUpAtOnceWhatCannotHeal() {
    assertThat(policy(Map.of()).decide(Failure.unhealable(Failure.Kind.USER, "no"), at(0)))
        .isEqualTo(new RestartPolicy.GiveUp(Failure.unhealable(Failure.Kind.USER, "no")));
  }

  @Test
  void givesUpAtTheThirdEqualUserFailure() {
    RestartPolicy policy = policy(Map.of());

    assertThat(policy.decide(BOOM, at(0))).isInstanceOf(RestartPolicy.Restart.class);
    assertThat(policy.decide(user("sink", "Boom"), at(0)))
        .isInstanceOf(RestartPolicy.Restart.class);
    assertThat(policy.decide(BOOM, at(0))).isInstanceOf(RestartPolicy.Restart.class);
    assertThat(policy.decide(BOOM, at(0))).isInstanceOf(RestartPolicy.GiveUp.class);
  }

  @Test
  void forgetsUserFailuresWhenACheckpointCompletes() {
    RestartPolicy policy = policy(Map.of());
    policy.decide(BOOM, at(0));
    policy.decide(BOOM, at(0));
    policy.checkpointCompleted();

    assertThat(policy.decide(BOOM, at(0))).isInstanceOf(RestartPolicy.Restart.class);
  }

  private static RestartPolicy quietAfterTenSeconds() {
    return policy(
        Map.of(
            "restart-strategy.exponential-delay.jitter-factor", "0",
            "restart-strategy.exponential-delay.backoff-multiplier", "2",
            "restart-strategy.exponential-delay.reset-backoff-threshold", "10 s"));
  }

  private static RestartPolicy twoInTenSeconds() {
    return policy(
        Map.of(
            "restart-strategy.type", "failure-rate",
            "restart-strategy.failure-rate.max-failures-per-interval", "2",
            "restart-strategy.failure-rate.failure-rate-interval", "10 s",
            "restart-strategy.failure-rate.delay", "3 s"));
  }

  private static RestartPolicy policy(Map<String, String> settings) {
    return new RestartPolicy(new Configuration(settings), new SplittableRandom(1));
  }

  private static long delay(RestartPolicy policy, Failure failure, long millis) {
    return ((RestartPolicy.Restart) policy.decide(failure, at(millis))).delay().toMillis();
  }

  private static Clock at(long millis) {
    return new Clock(millis, WALL + millis);
  }

  private static Failure user(String operator, String rootType) {
    return new Failure(Failure.Kind.USER, true, operator, 0, rootType, "it broke", "");
  }
}
