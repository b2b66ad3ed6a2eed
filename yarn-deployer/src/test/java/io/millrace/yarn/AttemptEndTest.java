package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AttemptEndTest {
  @Test
  void saysWhatTheExitCodeMeans() {
    assertThat(
            AttemptEnd.inWords(
                1,
                "AM Container for appattempt_1_0001_000001 exited with  exitCode: 137\n"
                    + "Failing this attempt.Diagnostics: Container killed on request.\n"))
        .startsWith("The JobManager of attempt 1 was killed (SIGKILL)")
        .endsWith("(exit code 137)")
        .hasLineCount(1);
  }

  @Test
  void namesTheSettingOfTheJobManagersMemory() {
    assertThat(AttemptEnd.inWords(2, "AM Container for x exited with  exitCode: -104\n"))
        .contains("exceeded the physical memory", "-yjm or jobmanager.memory.process.size")
        .doesNotContain("taskmanager");
  }

  @Test
  void showsTheLastLinesOfTheLog() {
    assertThat(
            AttemptEnd.inWords(
                1,
                "exited with  exitCode: 1\n"
                    + LastLines.BEGIN
                    + "jobmanager.log\nERROR it is broken\n"
                    + LastLines.END
                    + "\n"))
        .contains("ended with an error")
        .endsWith("  | ERROR it is broken");
  }

  @Test
  void saysWhatYarnDoesWhereThereIsNoExitCode() {
    assertThat(AttemptEnd.inWords(3, "ApplicationMaster for attempt x timed out"))
        .isEqualTo(
            "The JobManager of attempt 3 has ended: ApplicationMaster for attempt x timed out");
    assertThat(AttemptEnd.inWords(3, "")).isEqualTo("The JobManager of attempt 3 has ended");
  }
}
