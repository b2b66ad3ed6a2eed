package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Names of jobs and texts of errors hold what users and their data put there. */
class ConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(out, true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          Map.of());

  @Test
  void aTerminalIsToldNothingButText() {
    String hostile = "a\u001b[2Jb\u009b1mc\rd\be\u0000f\u007fg\u202eh\u2066i";
    console.say(hostile);
    console.warn(hostile);
    String shown = "a\\u001b[2Jb\\u009b1mc\\u000dd\\u0008e\\u0000f\\u007fg\\u202eh\\u2066i\n";
    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo(shown);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo(shown);
  }

  @Test
  void ordinaryTextStaysAsItIs() {
    console.say("zwei Zeilen:\n\tü 世 \uD83D\uDE00");
    assertThat(out.toString(StandardCharsets.UTF_8))
        .isEqualTo("zwei Zeilen:\n\tü 世 \uD83D\uDE00\n");
  }

  @Test
  void phasesAreToldToWhoAsksForThemBesideWhatScriptsRead() {
    console.reached("nobody has asked");
    console.reached(5, "nobody has asked");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();

    Console verbose = console.verbose(1_000);
    verbose.reached(2_234, "files: 2 uploaded\nJob x is FINISHED");
    verbose.reached(1_000_999, "the job is RUNNING");
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            """
            [   1234 ms] files: 2 uploaded\\u000aJob x is FINISHED
            [ 999999 ms] the job is RUNNING
            """);
    verbose.reached("now");
    assertThat(err.toString(StandardCharsets.UTF_8)).containsPattern("(?m)^\\[\\d{8,} ms\\] now$");
  }

  /** What scripts read line by line must not be forged by a name. */
  @Test
  void aNameTakesOneLine() {
    assertThat(Console.oneLine("job\n01.01.2030 00:00:00 : forged"))
        .isEqualTo("job\\u000a01.01.2030 00:00:00 : forged");
  }

  @Test
  void whatStandsBelowASentenceCannotBeTakenForOne() {
    assertThat(Console.lines("lost (exit code 3)\n  | Main:\nJob x is FINISHED\u001b[2J"))
        .isEqualTo("lost (exit code 3)\n  | Main:\n  | Job x is FINISHED\\u001b[2J");
    assertThat(Console.lines("one")).isEqualTo("one");
    assertThat(Console.lines("")).isEmpty();
  }
}
