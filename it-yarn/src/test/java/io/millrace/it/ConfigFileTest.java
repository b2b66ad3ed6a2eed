package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.JobSettings;
import io.millrace.api.config.Setting;
import java.nio.file.Files;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** conf/config.yaml documents every setting with the default that the code has. */
class ConfigFileTest {
  @Test
  void showsEverySettingOfAJobWithItsDefault() throws Exception {
    String expected =
        JobSettings.all().stream().map(ConfigFileTest::entry).collect(Collectors.joining("\n"));

    assertThat(Files.readString(Repository.root().resolve("conf/config.yaml"))).contains(expected);
  }

  private static String entry(Setting<?> setting) {
    String value = setting.defaultText() == null ? "" : " " + setting.defaultText();
    return "# " + setting.description() + "\n#" + setting.key() + ":" + value + "\n";
  }
}
