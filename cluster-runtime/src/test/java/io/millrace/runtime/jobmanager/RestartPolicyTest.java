package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.protocol.Failure;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RestartPolicyTest {
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
    assertThat(delay(policy, LOST, 0)).isEqualTo(100);
    policy.inherit(1, at(100));
    assertThat(delay(policy, LOST, 20_000)).isEqualTo(100);
    policy.inherit(2, at(20_100));
    assertThat(delay(policy, LOST, 21_000)).isEqualTo(200);
    assertThat(policy.restarts()).isEqualTo(3);
  }

  @Test
  void restartsOfAnEarlierJobManagerCountUntilAQuietTime() {
    RestartPolicy policy = quietAfterTenSeconds();
    policy.inherit(2, at(0));
    assertThat(delay(policy, LOST, 9_000)).isEqualTo(400);
    assertThat(delay(policy, LOST, 19_000)).isEqualTo(100);

    RestartPolicy calm = quietAfterTenSeconds();
    calm.inherit(2, at(0));
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
    policy.inherit(1, at(0));

    assertThat(delay(policy, LOST, 0)).isEqualTo(3_000);
    assertThat(policy.decide(LOST, at(0))).isInstanceOf(RestartPolicy.GiveUp.class);
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

  private static RestartPolicy policy(Map<String, String> settings) {
    return new RestartPolicy(new Configuration(settings), 0, new SplittableRandom(1));
  }

  private static long delay(RestartPolicy policy, Failure failure, long millis) {
    return ((RestartPolicy.Restart) policy.decide(failure, at(millis))).delay().toMillis();
  }

  private static Clock at(long millis) {
    return new Clock(millis, 0);
  }

  private static Failure user(String operator, String rootType) {
    return new Failure(Failure.Kind.USER, true, operator, 0, rootType, "it broke", "");
  }
}
