package io.millrace.api.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();
  private final MetricGroup group = metrics.group();

  @Test
  void groupsAreBeginningsOfNames() {
    group.counter("seen").inc(3);
    group.addGroup("kafka").addGroup("topic", "orders").counter("lag").dec();
    group.addGroup(7).gauge("size", () -> 12);
    group.addGroup("kafka").gauge("state", () -> "up");

    assertThat(metrics.read())
        .containsEntry("seen", 3L)
        .containsEntry("kafka.topic.orders.lag", -1L)
        .containsEntry("7.size", 12)
        .containsEntry("kafka.state", "up")
        .hasSize(4);
    assertThat(group.addGroup("kafka").getMetricIdentifier("lag")).isEqualTo("kafka.lag");
  }

  @Test
  void aCounterOfANameIsOneAndANewMetricTakesItsPlace() {
    assertThat(group.counter("n")).isSameAs(group.counter("n"));
    var mine = new Counter();
    assertThat(group.counter("n", mine)).isSameAs(mine);
    mine.inc();
    assertThat(metrics.read()).containsEntry("n", 1L);
    group.gauge("n", () -> "a gauge");
    assertThat(metrics.read()).containsEntry("n", "a gauge");
  }

  @Test
  void ratesAreOfTheLastSeconds() {
    var meter = group.meter("events", new MeterView(10));
    assertThat(metrics.needTime()).isTrue();
    metrics.update(1_000);
    for (int second = 0; second < 30; second++) {
      meter.markEvent(second < 15 ? 100 : 10);
      metrics.update(2_000 + 1_000L * second);
    }
    assertThat(meter.getCount()).isEqualTo(15 * 100 + 15 * 10);
    assertThat(meter.getRate()).isEqualTo(10);
    assertThat(metrics.read()).containsEntry("events.rate", 10.0).containsKey("events.count");
  }

  @Test
  void aRateOfAFewUpdatesIsOfTheTimeThatThereWas() {
    var counted = new Counter();
    var meter = new MeterView(counted);
    assertThat(meter.getRate()).isZero();
    meter.update(0);
    counted.inc(30);
    meter.update(0);
    assertThat(meter.getRate()).isZero();
    meter.update(2_000);
    assertThat(meter.getRate()).isEqualTo(15);
    assertThatThrownBy(() -> new MeterView(0)).hasMessageContaining("at least 1 second");
  }

  @Test
  void histogramsRememberTheLastValues() {
    var histogram = group.histogram("latency", new DescriptiveStatisticsHistogram(100));
    LongStream.rangeClosed(1, 250).forEach(histogram::update);

    HistogramStatistics statistics = histogram.getStatistics();
    assertThat(histogram.getCount()).isEqualTo(250);
    assertThat(statistics.size()).isEqualTo(100);
    assertThat(statistics.getMin()).isEqualTo(151);
    assertThat(statistics.getMax()).isEqualTo(250);
    assertThat(statistics.getMean()).isEqualTo(200.5);
    assertThat(statistics.getQuantile(0.5)).isEqualTo(200);
    assertThat(statistics.getQuantile(0.99)).isEqualTo(249);
    assertThat(statistics.getQuantile(0)).isEqualTo(151);
    assertThat(statistics.getStdDev()).isCloseTo(29.011, org.assertj.core.data.Offset.offset(.001));
    assertThat(metrics.read())
        .containsEntry("latency.count", 250L)
        .containsEntry("latency.p95", 245.0);
    assertThat(new DescriptiveStatisticsHistogram(3).getStatistics().getQuantile(1)).isZero();
  }

  @Test
  void aGaugeThatThrowsSaysSoAndHarmsNoOther() {
    group.gauge(
        "broken",
        () -> {
          throw new IllegalStateException("no connection");
        });
    group.gauge("none", () -> null);
    group.counter("n").inc();
    assertThat(metrics.read())
        .containsEntry("broken", "failed: java.lang.IllegalStateException: no connection")
        .containsEntry("none", "null")
        .containsEntry("n", 1L);
  }
}
