package io.millrace.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParameterToolTest {
  @TempDir Path folder;

  @Test
  void argumentsAreNamesWithAndWithoutValues() {
    var parameters =
        ParameterTool.fromArgs(
            new String[] {
              "--input", "in.txt", "-n", "-7", "--verbose", "--rate", "-1e3", "--n", "8"
            });

    assertThat(parameters.get("input")).isEqualTo("in.txt");
    assertThat(parameters.getInt("n")).isEqualTo(8);
    assertThat(parameters.has("verbose")).isTrue();
    assertThat(parameters.getDouble("rate")).isEqualTo(-1_000);
    assertThat(parameters.getNumberOfParameters()).isEqualTo(4);
    assertThat(parameters.get("none")).isNull();
    assertThat(parameters.getLong("none", 5)).isEqualTo(5);
    assertThat(parameters.getBoolean("none", true)).isTrue();
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> ParameterTool.fromArgs(new String[] {"word"}))
        .hasMessage("the argument 'word' has no name; write --name word");
    assertThatThrownBy(() -> ParameterTool.fromArgs(new String[] {"--", "word"}))
        .hasMessageContaining("the argument '--' has no name");
    var parameters = ParameterTool.fromMap(Map.of("n", "many"));
    assertThatThrownBy(() -> parameters.getRequired("input"))
        .hasMessage("the parameter 'input' is missing; give it as --input <value>");
    assertThatThrownBy(() -> parameters.getInt("n"))
        .hasMessage("the parameter 'n' must be a whole number, found 'many'");
    assertThatThrownBy(() -> ParameterTool.fromPropertiesFile(folder.resolve("no").toString()))
        .hasMessageContaining(folder.resolve("no").toString());
  }

  @Test
  void filesAndOtherParametersAreLaidOver() throws Exception {
    Path file = Files.writeString(folder.resolve("job.properties"), "a = 1\nb = 2\n");
    var both =
        ParameterTool.fromPropertiesFile(file.toString())
            .mergeWith(ParameterTool.fromMap(Map.of("b", "3")));

    assertThat(both.toMap()).isEqualTo(Map.of("a", "1", "b", "3"));
    assertThat(both.getProperties()).containsEntry("b", "3");
    assertThat(both).hasToString("parameters [a, b]");
  }

  @Test
  void anyMapSurvivesBeingWritten() {
    var random = new SplittableRandom(5);
    String letters = "ab,:' \n\\é\"";
    for (int i = 0; i < 2_000; i++) {
      var map = new TreeMap<String, String>();
      for (int n = random.nextInt(4); n > 0; n--) {
        map.put(text(random, letters), text(random, letters));
      }
      String written = Settings.writeMap(map);
      assertThat(JobSettings.GLOBAL_PARAMETERS.parse(written)).as(written).isEqualTo(map);
    }
  }

  private static String text(SplittableRandom random, String letters) {
    var text = new StringBuilder();
    for (int n = random.nextInt(6); n > 0; n--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }

  @Test
  void mapsThatAreNoneAreRefused() {
    for (String wrong : new String[] {"a", "a:1,b", "a:'1", "'a:1"}) {
      assertThatThrownBy(() -> JobSettings.GLOBAL_PARAMETERS.parse(wrong))
          .as(wrong)
          .isInstanceOf(Setting.InvalidSettingException.class);
    }
    assertThatThrownBy(
            () -> Settings.writeMap(java.util.Collections.singletonMap("password", null)))
        .hasMessage("the value of 'password' is null");
  }

  @Test
  void logsShowNoSecretAmongThem() {
    var settings =
        new Configuration(Map.of("pipeline.global-job-parameters", "user:me,password:xyzzy"));
    assertThat(settings.toString()).doesNotContain("xyzzy");
  }
}
