package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeaseTest {
  @ParameterizedTest
  @CsvSource({
    "900000, 540000, 30000",
    "600000, 360000, 30000",
    "300000, 180000, 18000",
    "20000,  12000,  1200",
    "10,     6,      1",
    "1,      1,      1",
  })
  void isSixTenthsOfTheExpiryAndAsksOftenEnough(
      long expiryMillis, long silenceMillis, long intervalMillis) {
    Lease lease = Lease.ofExpiry(Duration.ofMillis(expiryMillis));

    assertThat(lease.silence()).isEqualTo(Duration.ofMillis(silenceMillis));
    assertThat(lease.interval()).isEqualTo(Duration.ofMillis(intervalMillis));
  }

  @Test
  void doesNotLastNoTimeAtAll() {
    assertThatThrownBy(() -> new Lease(Duration.ZERO)).hasMessageContaining("at least 1 ms");
  }
}
