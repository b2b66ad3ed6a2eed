package io.millrace.api.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.config.RestartStrategies;
import io.millrace.api.config.Setting.InvalidSettingException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
  private static final ConfigOption<Integer> RETRIES =
      ConfigOptions.key("retries").intType().defaultValue(3).withFallbackKeys("tries", "attempts");

  private final Configuration configuration = new Configuration();

  @Test
  void aValueCountsBeforeTheDefault() {
    assertThat(configuration.get(RETRIES)).isEqualTo(3);
    assertThat(configuration.get(RETRIES, 9)).isEqualTo(9);
    assertThat(configuration.getOptional(RETRIES)).isEmpty();
    assertThat(configuration.contains(RETRIES)).isFalse();

    configuration.set(RETRIES, 5);

    assertThat(configuration.get(RETRIES)).isEqualTo(5);
    assertThat(configuration.get(RETRIES, 9)).isEqualTo(5);
    assertThat(configuration.toMap()).isEqualTo(Map.of("retries", "5"));
  }

  @Test
  void fallbackKeysCountInTheirOrder() {
    configuration.setInteger("attempts", 7);
    assertThat(configuration.get(RETRIES)).isEqualTo(7);
    configuration.setString("tries", "6");
    assertThat(configuration.getInteger(RETRIES)).isEqualTo(6);
    configuration.setInteger(RETRIES, 5);
    assertThat(configuration.getInteger(RETRIES, 1)).isEqualTo(5);

    assertThat(configuration.removeConfig(RETRIES)).isTrue();
    assertThat(configuration.keySet()).isEmpty();
    assertThat(configuration.removeConfig(RETRIES)).isFalse();
  }

  @Test
  void anOptionWithoutDefaultIsNullAndNoPrimitive() {
    var size = ConfigOptions.key("size").longType().noDefaultValue();

    assertThat(configuration.get(size)).isNull();
    assertThatThrownBy(() -> configuration.getLong(size))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("size is not set");
  }

  @Test
  void aTextThatIsNoneOfTheTypeIsRefusedByName() {
    configuration.setString("retries", "many");

    assertThatThrownBy(() -> configuration.get(RETRIES))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessage("the value 'many' of retries is not allowed: a whole number");
  }

  @Test
  void everyTypeIsReadAsItWasWritten() {
    same(ConfigOptions.key("a").stringType().noDefaultValue(), " it's; so ");
    same(ConfigOptions.key("b").longType().noDefaultValue(), Long.MIN_VALUE);
    same(ConfigOptions.key("c").floatType().noDefaultValue(), 0.1f);
    same(ConfigOptions.key("d").doubleType().noDefaultValue(), 1e-300);
    same(ConfigOptions.key("e").booleanType().noDefaultValue(), true);
    same(ConfigOptions.key("f").durationType().noDefaultValue(), Duration.ofMillis(90_001));
    same(ConfigOptions.key("g").enumType(TimeUnit.class).noDefaultValue(), TimeUnit.HOURS);
    same(ConfigOptions.key("h").mapType().noDefaultValue(), Map.of("x", "1,2", "y:z", "'"));
    same(
        ConfigOptions.key("i").stringType().asList().noDefaultValue(),
        List.of("", "a;b", "it's", " c ", "d"));
    same(ConfigOptions.key("j").intType().asList().defaultValues(1, 2), List.of(3, 4, 5));
    same(ConfigOptions.key("k").intType().asList().defaultValues(1, 2), List.of());
    assertThat(configuration.getString("f", "")).isEqualTo("90001 ms");
  }

  private <T> void same(ConfigOption<T> option, T value) {
    configuration.set(option, value);
    assertThat(configuration.get(option)).isEqualTo(value);
    assertThat(Configuration.fromMap(configuration.toMap()).get(option)).isEqualTo(value);
  }

  @Test
  void theDefaultMayDeclareTheType() {
    configuration.setString("unit", "days");

    assertThat(configuration.get(ConfigOptions.key("unit").defaultValue(TimeUnit.HOURS)))
        .isEqualTo(TimeUnit.DAYS);
    assertThat(configuration.get(ConfigOptions.key("wait").defaultValue(Duration.ofSeconds(2))))
        .isEqualTo(Duration.ofSeconds(2));
    assertThatThrownBy(() -> ConfigOptions.key("x").defaultValue(new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("intType()");
  }

  @Test
  void whatIsLaidOverCounts() {
    configuration.setString("a", "1");
    configuration.setBoolean("b", true);
    var other = new Configuration();
    other.setString("a", "2");

    configuration.addAll(other);
    configuration.addAll(other, "deep.");

    assertThat(configuration.toMap()).isEqualTo(Map.of("a", "2", "b", "true", "deep.a", "2"));
    assertThat(new Configuration(configuration))
        .isEqualTo(configuration)
        .isNotSameAs(configuration);
  }

  @Test
  void logsHoldNoSecrets() {
    configuration.setString("store.password", "sesame");
    assertThat(configuration.toString()).contains("store.password").doesNotContain("sesame");
  }

  @Test
  void anEnvironmentTakesItsSettings() {
    configuration.setInteger("parallelism.default", 3);
    configuration.setString("of.the.program", "x");

    var env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);

    assertThat(env.getParallelism()).isEqualTo(3);
    assertThat(env.getConfiguration().asMap()).containsEntry("of.the.program", "x");
    configuration.setString("parallelism.default", "none");
    assertThatThrownBy(() -> env.configure(configuration))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("parallelism.default");
  }

  @Test
  void itMayBeTheGlobalParametersOfAJob() {
    configuration.setInteger("limit", 4);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    env.getConfig().setGlobalJobParameters(configuration);

    assertThat(env.getConfig().getGlobalJobParameters().getInt("limit")).isEqualTo(4);
  }

  @Test
  void restartStrategiesAreSettings() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();

    env.setRestartStrategy(RestartStrategies.fixedDelayRestart(4, Duration.ofSeconds(2)));
    assertThat(env.getConfiguration().asMap())
        .isEqualTo(
            Map.of(
                "restart-strategy.type", "fixed-delay",
                "restart-strategy.fixed-delay.attempts", "4",
                "restart-strategy.fixed-delay.delay", "2000 ms"));

    env.getConfig().setRestartStrategy(RestartStrategies.noRestart());
    assertThat(env.getConfiguration().asMap()).containsEntry("restart-strategy.type", "none");
    env.setRestartStrategy(RestartStrategies.fallBackRestart());
    assertThat(env.getConfiguration().asMap()).containsEntry("restart-strategy.type", "none");

    var second = Duration.ofSeconds(1);
    env.setRestartStrategy(
        RestartStrategies.exponentialDelayRestart(second, second.multipliedBy(60), 2, second, 0.5));
    assertThat(env.getConfiguration().asMap())
        .containsEntry("restart-strategy.type", "exponential-delay")
        .containsEntry("restart-strategy.exponential-delay.max-backoff", "60000 ms")
        .containsEntry("restart-strategy.exponential-delay.backoff-multiplier", "2.0")
        .containsEntry("restart-strategy.exponential-delay.jitter-factor", "0.5");

    env.setRestartStrategy(
        RestartStrategies.failureRateRestart(3, second.multipliedBy(300), Duration.ofMillis(10)));
    assertThat(env.getConfiguration().asMap())
        .containsEntry("restart-strategy.type", "failure-rate")
        .containsEntry("restart-strategy.failure-rate.max-failures-per-interval", "3")
        .containsEntry("restart-strategy.failure-rate.failure-rate-interval", "300000 ms")
        .containsEntry("restart-strategy.failure-rate.delay", "10 ms");
    assertThatThrownBy(() -> RestartStrategies.failureRateRestart(0, second, second))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("restart-strategy.failure-rate.max-failures-per-interval");
    assertThatThrownBy(() -> RestartStrategies.failureRateRestart(1, Duration.ZERO, second))
        .hasMessageContaining("must be at least 1 ms");
    assertThatThrownBy(() -> RestartStrategies.fixedDelayRestart(-1, 0))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining("restart-strategy.fixed-delay.attempts");
  }
}
