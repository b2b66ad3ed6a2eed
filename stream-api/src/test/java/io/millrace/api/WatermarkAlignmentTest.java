package io.millrace.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.eventtime.WatermarkAlignmentParams;
import io.millrace.api.eventtime.WatermarkStrategy;
import io.millrace.api.graph.Vertex;
import io.millrace.api.source.Sources;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class WatermarkAlignmentTest {
  private static WatermarkStrategy<Long> strategy() {
    return WatermarkStrategy.<Long>forMonotonousTimestamps()
        .withWatermarkAlignment("clicks", Duration.ofSeconds(20));
  }

  @Test
  void survivesWhateverElseIsSaidOfTheStrategy() {
    WatermarkAlignmentParams params =
        strategy()
            .withIdleness(Duration.ofMinutes(1))
            .withTimestampAssigner((n, old) -> n)
            .getAlignmentParameters();

    assertThat(params).isEqualTo(new WatermarkAlignmentParams(20_000, "clicks", 1_000));
    assertThat(params.isEnabled()).isTrue();
    assertThat(strategy().withIdleness(Duration.ofMinutes(1)).idleness())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(
            WatermarkStrategy.<Long>noWatermarks()
                .withIdleness(Duration.ofMinutes(1))
                .withWatermarkAlignment("a", Duration.ZERO, Duration.ofMillis(5))
                .idleness())
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(WatermarkStrategy.noWatermarks().getAlignmentParameters().isEnabled()).isFalse();
  }

  @Test
  void refusesWhatMakesNoSense() {
    WatermarkStrategy<Long> plain = WatermarkStrategy.forMonotonousTimestamps();
    Duration second = Duration.ofSeconds(1);

    assertThatThrownBy(() -> plain.withWatermarkAlignment(" ", second))
        .hasMessageContaining("1 to 200 characters");
    assertThatThrownBy(() -> plain.withWatermarkAlignment("g", second.negated()))
        .hasMessageContaining("'g' must be at least 0");
    assertThatThrownBy(() -> plain.withWatermarkAlignment("g", second, Duration.ofNanos(1)))
        .hasMessageContaining("update interval")
        .hasMessageContaining("at least 1 ms");
  }

  @Test
  void onlySourcesAreAligned() {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSource(Sources.sequence(1, 9), strategy(), "aligned").print();
    env.fromSequence(1, 9).print();

    assertThat(env.getJobGraph().vertices())
        .filteredOn(vertex -> vertex.watermarkGroup().isPresent())
        .extracting(Vertex::role, Vertex::name, Vertex::watermarkGroup)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                Vertex.Role.READER, "aligned", Optional.of("clicks")));
    assertThatThrownBy(() -> env.fromSequence(1, 9).assignTimestampsAndWatermarks(strategy()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'clicks'")
        .hasMessageContaining("fromSource");
  }
}
