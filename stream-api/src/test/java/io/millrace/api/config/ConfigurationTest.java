package io.millrace.api.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
  /** It is written to logs that others may read. */
  @Test
  void showsNoSecrets() {
    var configuration =
        new Configuration(
            Map.of(
                "containerized.master.env.DB_LOGIN", "s3cret",
                "containerized.taskmanager.env.JAVA_HOME", "s3cret",
                "env.java.opts.all", "-Djavax.net.ssl.keyStorePassword=s3cret -Dx=1",
                "fs.s3.Secret.key", "s3cret",
                "some.password", "s3cret",
                "auth.token", "s3cret",
                "parallelism.default", "7"));
    assertThat(configuration.toString())
        .doesNotContain("s3cret")
        .contains("containerized.master.env.DB_LOGIN=***", "some.password=***")
        .contains("parallelism.default=7");
    assertThat(configuration.asMap()).containsEntry("some.password", "s3cret");
  }
}
