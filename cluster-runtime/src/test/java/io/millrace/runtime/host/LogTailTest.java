package io.millrace.runtime.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTailTest {
  @TempDir Path directory;
  private Path err;
  private Path log;
  private LogTail tail;

  @BeforeEach
  void begin() {
    err = directory.resolve("taskmanager.err");
    log = directory.resolve("taskmanager.log");
    tail = new LogTail(List.of(err, log));
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Test
  void tellsWhatIsNew() throws IOException {
    write(log, "one\n\ntwo\n");
    assertThat(tail.hasGrown()).isTrue();
    assertThat(tail.lines()).containsExactly("taskmanager.log, as last heard of:", "one", "two");
    assertThat(tail.hasGrown()).isFalse();

    write(err, "trouble\n");
    assertThat(tail.hasGrown()).isTrue();
    assertThat(tail.lines())
        .containsExactly(
            "taskmanager.err, as last heard of:",
            "trouble",
            "taskmanager.log, as last heard of:",
            "one",
            "two");
    assertThat(tail.hasGrown()).isFalse();

    tail.tellAgain();
    assertThat(tail.hasGrown()).as("for whom has heard nothing").isTrue();
  }

  @Test
  void tellsTwelveLinesThatAreWhole() throws IOException {
    for (int i = 0; i < 1_000; i++) {
      write(log, "line " + i + "\n");
    }
    List<String> last = IntStream.range(988, 1_000).mapToObj(i -> "line " + i).toList();
    List<String> told = tail.lines();
    assertThat(told.subList(1, told.size())).isEqualTo(last);

    write(log, "x".repeat(1_500) + "\ny\n");
    told = tail.lines();
    assertThat(told.subList(told.size() - 2, told.size())).containsExactly("x".repeat(1_500), "y");
    assertThat(told.get(1)).matches("line \\d{3}");
  }

  @Test
  void aFileThatRollsOrIsNotThereIsNoTrouble() throws IOException {
    assertThat(tail.lines()).isEmpty();

    write(log, "before\n");
    assertThat(tail.hasGrown()).isTrue();
    Files.delete(log);
    assertThat(tail.hasGrown()).isTrue();
    assertThat(tail.lines()).isEmpty();
  }
}
