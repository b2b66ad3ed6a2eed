package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionFileTest {
  private static final SessionFile.Note NOTE =
      new SessionFile.Note(
          "application_1_7", Map.of("parallelism.default", "3", "yarn.tags", "a=b, c"));

  @TempDir Path folder;

  private SessionFile file() {
    return SessionFile.of(
        new Configuration(Map.of("yarn.properties-file.location", folder.toString())));
  }

  private Terminal run(String... words) {
    String location = "-Dyarn.properties-file.location=" + folder;
    var all = new ArrayList<>(List.of("run", location));
    all.addAll(List.of(words));
    return Terminal.run(Map.of(), all.toArray(String[]::new));
  }

  @Test
  void saysWhatWasWritten() throws Exception {
    assertThat(file().read()).isEmpty();

    file().write(NOTE);

    assertThat(file().read()).contains(NOTE);
    assertThat(file().path().getFileName())
        .hasToString(".yarn-properties-" + System.getProperty("user.name"));
    assertThat(Files.readString(file().path()))
        .startsWith("#Generated YARN properties file\n")
        .contains("applicationID=application_1_7")
        .contains("dynamicPropertiesString=parallelism.default\\=3@@yarn.tags\\=a\\=b, c");
    try (var files = Files.list(folder)) {
      assertThat(files).as("no draft is left").hasSize(1);
    }
  }

  @Test
  void goesOnlyWithItsSession() throws Exception {
    file().write(NOTE);
    file().remove("application_1_8");
    assertThat(file().read()).isPresent();
    file().remove("application_1_7");
    assertThat(file().path()).doesNotExist();
  }

  @Test
  void whatMakesNoSenseIsRefusedWithTheRemedy() throws Exception {
    for (String text :
        List.of(
            "",
            "applicationID=\n",
            "parallelism=3\n",
            "applicationID=application_1_7\ndynamicPropertiesString=lots\n",
            "applicationID=\\u00zz\n")) {
      Files.writeString(file().path(), text);
      Terminal terminal = run("x.jar");
      assertThat(terminal.exitCode()).as(text).isEqualTo(1);
      assertThat(terminal.err())
          .as(text)
          .contains(file().path().toString())
          .contains("delete it, or say where to run")
          .hasLineCount(1);
    }
  }

  @Test
  void aLinkIsNotFollowed() throws Exception {
    Path elsewhere =
        Files.writeString(folder.resolve("elsewhere"), "applicationID=application_1_7");
    Files.createSymbolicLink(file().path(), elsewhere);
    assertThatThrownBy(() -> file().read()).hasMessageContaining("is not a file of");

    file().write(NOTE);

    assertThat(file().read()).contains(NOTE);
    assertThat(elsewhere).hasContent("applicationID=application_1_7");
  }

  @Test
  void runLooksForItOnlyIfNothingSaysWhereToRun() throws Exception {
    file().write(NOTE);
    assertThat(run("-p", "2", "-yd", "x.jar").err())
        .startsWith("Found the session application_1_7 in " + file().path());
    assertThat(run("-t", "yarn-session", "x.jar").err()).startsWith("Found the session");
    for (String words :
        List.of(
            "-m yarn-cluster",
            "-t yarn-per-job",
            "-ytm 1g",
            "-yDyarn.tags=a",
            "-yid application_1_8",
            "-Dyarn.application.id=application_1_8")) {
      String[] typed = (words + " x.jar").split(" ");
      assertThat(run(typed).err()).as(words).doesNotContain("Found the session");
    }
  }

  @Test
  void whatIsTypedWinsOverWhatTheSessionWasStartedWith() {
    Words words = Words.parse("run", List.of("-p", "2", "x.jar"));
    var file = new Configuration(Map.of("parallelism.default", "9", "yarn.tags", "old"));
    Options options = Options.of(words, NOTE.over(file));
    assertThat(options.configuration().asMap())
        .containsEntry("parallelism.default", "2")
        .containsEntry("yarn.tags", "a=b, c")
        .containsEntry("execution.target", "yarn-session")
        .containsEntry("yarn.application.id", "application_1_7");
    assertThat(options.warnings()).isEmpty();
  }
}
