package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TenancyTest {
  @Test
  void aSessionThatWasStartedDetachedDetachesNoRun() {
    var session =
        new Configuration(
            Map.of(
                "execution.attached", "false",
                "parallelism.default", "3",
                "restart-strategy.type", "none"));
    var mine = new Configuration(Map.of("parallelism.default", "2"));
    assertThat(Tenancy.beneath(session, mine).asMap())
        .isEqualTo(Map.of("parallelism.default", "2", "restart-strategy.type", "none"));
    var detached = new Configuration(Map.of("execution.attached", "false"));
    assertThat(Tenancy.beneath(session, detached).get(ClientSettings.ATTACHED)).isFalse();
  }
}
