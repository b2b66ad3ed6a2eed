package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingsTest {
  @Test
  void tellsOfLimitsAndKeepsRejectedLinesApart(@TempDir Path directory) throws Exception {
    Path readings = directory.resolve("readings");
    Path limits = directory.resolve("limits");
    Files.writeString(readings, "a 1\nb 5.5\na 7\nbroken\nc 9\na x\nb 2\n");
    Files.writeString(limits, "a 6\nb 6\n");

    Readings.main(
        new String[] {
          "--readings", readings.toString(),
          "--limits", limits.toString(),
          "--output", directory.resolve("out").toString(),
          "--rejected", directory.resolve("rejected").toString()
        });

    assertThat(lines(directory.resolve("out"))).containsExactly("a 7.0 > 6.0");
    assertThat(lines(directory.resolve("rejected"))).containsExactlyInAnyOrder("broken", "a x");
  }

  private static List<String> lines(Path directory) throws IOException {
    var lines = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(directory, "part-*")) {
      for (Path file : files) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }
}
