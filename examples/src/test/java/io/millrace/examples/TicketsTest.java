package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TicketsTest {
  @Test
  void drawsEachTicketOnceInItsTurn(@TempDir Path directory) throws Exception {
    Tickets.main(new String[] {"--output", directory.toString(), "--count", "5000"});

    var lines = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(directory, "part-*")) {
      for (Path file : files) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    assertThat(lines)
        .containsExactlyInAnyOrderElementsOf(
            LongStream.rangeClosed(1, 5000).mapToObj(n -> "ticket " + n).toList());
  }
}
