package io.millrace.runtime.jobmanager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogExcerptTest {
  @Test
  void isShortAndOfTheNewestLines() {
    var many = IntStream.range(0, 100).mapToObj(i -> "line " + i + "x".repeat(1_000)).toList();

    List<String> lines = new LogExcerpt(many).lines();

    assertThat(lines).hasSizeBetween(5, LogExcerpt.MOST_LINES);
    assertThat(String.join("", lines)).hasSizeLessThanOrEqualTo(LogExcerpt.MOST_CHARACTERS);
    assertThat(lines.get(lines.size() - 1)).startsWith("line 99x");
  }

  @Test
  void commandsNoTerminalAndTellsNoSecret() {
    var excerpt =
        new LogExcerpt(
            List.of(
                "\u001b[2Jcleared\b \u202egnorw\tü 世 \uD83D\uDE00\r",
                "  ",
                "connects with password=hunter2, user=me",
                "{\"apiToken\": \"abc\"}",
                "Picked up JAVA_TOOL_OPTIONS: -Dx=y"));

    assertThat(excerpt.lines())
        .containsExactly(
            "?[2Jcleared? ?gnorw ü 世 \uD83D\uDE00",
            "connects with password=***, user=me",
            "{\"apiToken\": ***}");
  }

  @Test
  void standsBelowTheSentence() {
    assertThat(new LogExcerpt(List.of("one", "two")).below("it ended"))
        .isEqualTo("it ended\n  | one\n  | two");
    assertThat(LogExcerpt.NONE.below("it ended")).isEqualTo("it ended");
  }
}
