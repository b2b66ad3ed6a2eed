package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

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

    assertThat(LastLines.in(all).below("it ended"))
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
    assertThat(LastLines.in(YARN).below("it ended")).isEqualTo("it ended");
    assertThat(LastLines.in(diagnostics("", "")).below("it ended")).isEqualTo("it ended");
  }

  @Test
  void areHarmless() {
    String log = "connects with password=hunter2\nPicked up JAVA_TOOL_OPTIONS: -Dx=y\n";

    assertThat(LastLines.in(diagnostics("Picked up JAVA_TOOL_OPTIONS: -Dx=y\n", log)).lines())
        .containsExactly("taskmanager.log:", "connects with password=***");
  }
}
