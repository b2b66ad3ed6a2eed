package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YarnJobManagerTest {
  @ParameterizedTest
  @CsvSource({"900000, 540", "100000, 60", "0, 540", "-1, 540"})
  void leasesTheCommandFromYarnsOwnExpiry(long expiryMillis, long silenceSeconds) {
    var conf = new YarnConfiguration();
    conf.setLong("yarn.am.liveness-monitor.expiry-interval-ms", expiryMillis);

    assertThat(YarnJobManager.lease(conf).silence()).isEqualTo(Duration.ofSeconds(silenceSeconds));
  }
}
