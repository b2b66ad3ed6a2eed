package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SquaresTest {
  @Test
  void writesEachSquareOnceAndLeavesNothingWaiting(@TempDir Path directory) throws Exception {
    Squares.main(
        new String[] {"--output", directory.toString(), "--count", "1234", "--parallelism", "2"});

    var lines = new ArrayList<String>();
    var names = new TreeSet<String>();
    try (var files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        names.add(file.getFileName().toString().substring(0, 5));
        lines.addAll(Files.readAllLines(file));
      }
    }
    List<String> expected = LongStream.rangeClosed(1, 1234).mapToObj(n -> n + " " + n * n).toList();
    assertThat(lines).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(names).containsExactly("part-");
  }
}
