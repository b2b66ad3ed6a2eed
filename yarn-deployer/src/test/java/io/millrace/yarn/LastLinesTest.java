package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LastLinesTest {
  private static final String YARN =
      """
      [2030-01-01 00:00:00.000]Exception from container-launch.
      Container id: container_1_0001_01_000002
      Exit code: 3

      [2030-01-01 00:00:00.000]Container exited with a non-zero exit code 3. Error file: prelaunch.err.
      Last 4096 bytes of prelaunch.err :
      """;

  private static String diagnostics(String err, String log) {
    String tail =
        LastLines.BEGIN
            + "taskmanager.err\n"
            + err
            + "\n"
            + LastLines.BEGIN
            + "taskmanager.log\n"
            + log
            + "\n"
            + LastLines.END
            + "\n\n\n";
    return YARN + tail + YARN + tail;
  }

  @Test
  void standBelowTheSentenceOnceThoughYarnSaysThemTwice() {
    String all = diagnostics("Terminating due to java.lang.OutOfMemoryError\n", "one\ntwo\n");

    assertThat(LastLines.below("it ended", all))
        .isEqualTo(
            """
            it ended
              | taskmanager.err:
              | Terminating due to java.lang.OutOfMemoryError
              | taskmanager.log:
              | one
              | two""");
    assertThat(ContainerExit.shorten(all))
        .doesNotContain("Terminating", LastLines.BEGIN)
        .contains("Exception from container-launch");
  }

  @Test
  void thereMayBeNone() {
    assertThat(LastLines.below("it ended", YARN)).isEqualTo("it ended");
    assertThat(LastLines.below("it ended", diagnostics("", ""))).isEqualTo("it ended");
  }

  @Test
  void areFewAndShortAndTheNewest() {
    String many =
        IntStream.range(0, 100)
            .mapToObj(i -> "line " + i + "x".repeat(1_000))
            .collect(Collectors.joining("\n"));

    var lines = LastLines.in(diagnostics(many, many));

    assertThat(lines).hasSizeBetween(5, LastLines.MOST_LINES);
    assertThat(String.join("", lines)).hasSizeLessThanOrEqualTo(LastLines.MOST_CHARACTERS);
    assertThat(lines.get(lines.size() - 1)).startsWith("line 99x");
  }

  @Test
  void commandNoTerminalAndTellNoSecret() {
    String log =
        "\u001b[2Jcleared\b \u202egnorw\tü 世 \uD83D\uDE00\r\n"
            + "connects with password=hunter2, user=me\n"
            + "{\"apiToken\": \"abc\"}\n"
            + "Picked up JAVA_TOOL_OPTIONS: -Dx=y\n";

    assertThat(LastLines.in(diagnostics("", log)))
        .containsExactly(
            "taskmanager.log:",
            "?[2Jcleared? ?gnorw ü 世 \uD83D\uDE00",
            "connects with password=***, user=me",
            "{\"apiToken\": ***}");
  }
}
