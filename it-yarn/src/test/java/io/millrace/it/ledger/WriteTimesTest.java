package io.millrace.it.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteTimesTest {
  private static final long[] STEADY = {1_000, 1_010, 1_020, 1_030, 1_040, 5_000, 5_010};

  private final WriteTimes times =
      new WriteTimes(List.of(STEADY, new long[] {1_000, 1_300, 1_600, 1_900, 5_000, 8_000}));

  @Test
  void tellsTheLongestGapOfAnySubtask() {
    assertThat(times.longestGap(1_020, 1_030)).hasValue(300);
    assertThat(times.longestGap(1_020, 1_041)).hasValue(3_960);
  }

  @Test
  void doesNotBlameForWhatBeginsLater() {
    assertThat(times.longestGap(1_000, 1_040)).hasValue(300);
  }

  @Test
  void blamesForTheGapThatContainsTheBeginning() {
    assertThat(times.longestGap(1_100, 1_101)).hasValue(3_960);
  }

  @Test
  void saysNothingWhereRecordsDoNotFlow() {
    assertThat(times.longestGap(3_000, 9_000)).as("stands still before").isEmpty();
    assertThat(times.longestGap(5_020, 9_000)).as("one ends").isEmpty();
    assertThat(times.longestGap(900, 9_000)).as("has not begun").isEmpty();
    assertThat(new WriteTimes(List.of()).longestGap(0, 9_000)).isEmpty();
  }

  @Test
  void putsTheAttemptsOfASubtaskTogether(@TempDir Path folder) throws Exception {
    Path subtask = Files.createDirectories(folder.resolve("0"));
    Files.writeString(subtask.resolve("late"), "5000\n6000\n");
    Files.writeString(subtask.resolve("early"), "1000\n2000\n");

    WriteTimes read = WriteTimes.read(folder);

    assertThat(read.subtasks()).containsExactly(new long[] {1_000, 2_000, 5_000, 6_000});
  }
}
