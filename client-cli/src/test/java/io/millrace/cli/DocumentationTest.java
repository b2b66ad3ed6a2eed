package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Setting;
import io.millrace.cli.Flag.Support;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The pages for users say what the tables of settings and flags say. */
class DocumentationTest {
  private static final Path CONFIGURATION = Path.of("../docs/configuration.md");
  private static final Path COMMANDS = Path.of("../docs/cli.md");

  @Test
  void thePageOfSettingsShowsAllOfThem() throws IOException {
    if (Boolean.getBoolean("millrace.write.config")) {
      Files.writeString(CONFIGURATION, page());
    }
    assertThat(Files.readString(CONFIGURATION))
        .as("this test writes the page with -Dtest.jvm.flags=-Dmillrace.write.config=true")
        .isEqualTo(page());
  }

  @Test
  void thePageOfCommandsNamesEveryFlagThatWorks() throws IOException {
    String page = Files.readString(COMMANDS);
    var missing = new ArrayList<String>();
    for (String action : Flags.ACTIONS) {
      assertThat(page).contains("## millrace " + action);
      for (Flag flag : Flags.of(action)) {
        String names =
            flag.names().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", "));
        if (flag.support() != Support.NOT_YET && !page.contains(names)) {
          missing.add(action + " " + names);
        }
      }
    }
    assertThat(missing).isEmpty();
    for (String later : Flags.LATER_ACTIONS) {
      assertThat(page).contains("`" + later + "`");
    }
  }

  private static String page() {
    var text =
        new StringBuilder(
            """
            # Configuration

            A key may be set in four places. What is further down this list wins:

            1. `conf/config.yaml` of the distribution, or of the folder that `MILLRACE_CONF_DIR` names; keys with dots or nested
            2. `-D key=value` on the command line, then `-yD key=value`
            3. the flag that says the same, such as `-p 4` for `parallelism.default` ([the command](cli.md))
            4. the program, with `env.set(key, value)`, for the settings of a job

            An unknown key, or a value that its key does not allow, is refused before anything is uploaded, with the line of
            the file or the flag. Times are written `500 ms`, `10 s`, `5 min`, `1 h` or `1 d`, a bare number being milliseconds;
            sizes `512 kb`, `1600m` or `2 gb`, a bare number being bytes.
            """);
    Catalogue.chapters()
        .forEach(
            (title, settings) -> {
              text.append("\n## Settings of ").append(title).append("\n\n");
              text.append("| key | default | meaning |\n|---|---|---|\n");
              settings.forEach(setting -> text.append(row(setting)));
            });
    text.append(
        """

        ## Variables in the environment of containers

        `containerized.master.env.NAME` sets the variable `NAME` in the environment of the JobManager's container,
        `containerized.taskmanager.env.NAME` in that of every TaskManager's; `JAVA_HOME` chooses their Java.
        """);
    return text.toString();
  }

  private static String row(Setting<?> setting) {
    String value = setting.defaultText();
    String shown = value == null ? "–" : value.isEmpty() ? "empty" : "`" + value + "`";
    String allowed =
        setting.allowed().equals("any text") ? "" : " Allowed: " + setting.allowed() + ".";
    List<String> older = setting.olderKeys();
    String also = older.isEmpty() ? "" : " Also found as `" + String.join("`, `", older) + "`.";
    return "| `"
        + setting.key()
        + "` | "
        + shown
        + " | "
        + setting.description()
        + allowed
        + also
        + " |\n";
  }
}
