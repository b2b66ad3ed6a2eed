package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationFileTest {
  @Test
  void readsNestedAndDottedKeysTheSame() {
    String nested =
        "\ufeff# note\r\nparallelism:\r\n  default: 4\r\nyarn:\r\n  application:\r\n    name: 'a b'\r\n"
            + "  tags: \"\"\r\nexecution.checkpointing:\r\n  interval: 5 s\r\nrestart-strategy.type:\r\n";
    assertThat(ConfigurationFile.parse(nested.substring(1), "f").asMap())
        .containsOnlyKeys(
            "parallelism.default",
            "yarn.application.name",
            "yarn.tags",
            "execution.checkpointing.interval")
        .containsEntry("yarn.application.name", "a b")
        .containsEntry("execution.checkpointing.interval", "5 s");
    assertThat(ConfigurationFile.parse("# only comments\n", "f").asMap()).isEmpty();
    assertThat(ConfigurationFile.parse("", "f").asMap()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          parallelism.default: 4\\nparallelism.defualt: 2 | f, line 2: unknown key parallelism.defualt; did you mean parallelism.default?
          parallelism.default: many                       | f, line 1: the value 'many' of parallelism.default is not allowed: a whole number from 1 to 32768
          parallelism.default: 0                          | f, line 1: the value '0' of parallelism.default is not allowed
          heartbeat.interval: 10 lightyears               | f, line 1: the value '10 lightyears' of heartbeat.interval is not allowed
          parallelism: !!javax.script.ScriptEngineManager [1] | lists and aliases have no meaning here
          parallelism.default: !!int 4                    | tags and anchors have no meaning here
          parallelism: &a {default: *a}                   | tags and anchors have no meaning here
          yarn.tags: [a, b]                               | lists and aliases have no meaning here
          parallelism.default: 1\\nparallelism:\\n  default: 1 | line 3: the key parallelism.default stands twice
          parallelism.default: 1\\n\\tyarn.tags: a         | line 2: not valid YAML
          just text                                       | line 1: expected key: value
          parallelism: {default: 1                        | not valid YAML
          """)
  void refusesWithTheLine(String text, String complaint) {
    assertThatThrownBy(
            () -> ConfigurationFile.parse(text.replace("\\n", "\n").replace("\\t", "\t"), "f"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(complaint)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aBombOfNestingEndsInAnErrorAndSoon() {
    String bomb = "{a: ".repeat(100_000);
    long start = System.nanoTime();
    assertThatThrownBy(() -> ConfigurationFile.parse(bomb, "f"))
        .isInstanceOf(CommandException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void theFileThatShipsShowsEverySettingWithItsDefault() throws Exception {
    Path file = Path.of("../conf/config.yaml");
    if (Boolean.getBoolean("millrace.write.config")) {
      Files.writeString(file, Catalogue.asFile());
    }
    assertThat(Files.readString(file))
        .as("this test writes the file with -Dtest.jvm.flags=-Dmillrace.write.config=true")
        .isEqualTo(Catalogue.asFile());
  }

  @Test
  void everyDefaultIsAllowedByItsOwnSetting() {
    Catalogue.chapters()
        .values()
        .forEach(
            settings ->
                settings.stream()
                    .filter(setting -> setting.defaultText() != null)
                    .forEach(setting -> setting.parse(setting.defaultText())));
  }
}
