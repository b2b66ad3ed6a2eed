package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OperatorsTest {
  private static List<String> lines(Path directory) throws Exception {
    var lines = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(directory, "part-*")) {
      for (Path file : files) {
        lines.addAll(Files.readAllLines(file));
      }
    }
    return lines;
  }

  @Test
  void everyOrderGetsTheNameOfItsCustomer(@TempDir Path directory) throws Exception {
    String[] names = {"tom", "jerry", "alice", "bob"};
    List<String> expected = IntStream.range(0, 400).mapToObj(n -> n + " " + names[n % 4]).toList();
    for (String ordered : List.of("true", "false")) {
      Path output = directory.resolve(ordered);
      AsyncLookup.main(
          new String[] {"--output", output.toString(), "--count", "400", "--ordered", ordered});
      assertThat(lines(output)).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  @Test
  void linesThatAreNoNumbersGoAside(@TempDir Path directory) throws Exception {
    SideOutputs.main(new String[] {"--output", directory.toString()});

    assertThat(lines(directory.resolve("sums")))
        .containsExactlyInAnyOrder(
            "Value[sensor=a, number=1]",
            "Value[sensor=b, number=2]",
            "Value[sensor=a, number=4]",
            "Value[sensor=b, number=7]");
    assertThat(lines(directory.resolve("rejected"))).containsExactlyInAnyOrder("c", "a x");
  }

  @Test
  void signalsThatShouldNotComeRaiseAlerts(@TempDir Path directory) throws Exception {
    StateMachine.main(
        new String[] {"--output", directory.toString(), "--count", "48", "--machines", "2"});

    assertThat(lines(directory))
        .containsExactlyInAnyOrder(
            "machine 0 was READY when REPAIRED came",
            "machine 0 was READY when STOPPED came",
            "machine 1 was READY when REPAIRED came",
            "machine 1 was READY when STOPPED came");
  }
}
