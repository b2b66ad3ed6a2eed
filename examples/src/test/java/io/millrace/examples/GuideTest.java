package io.millrace.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the guides show of programs and tests is taken from those here, so it compiles and runs. */
class GuideTest {
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void quotesTheseProgramsToTheLetter() throws IOException {
    quotes("programs.md", "src/main/java/io/millrace/examples");
  }

  @Test
  void quotesTheseTestsToTheLetter() throws IOException {
    quotes("testing.md", "src/test/java/io/millrace/examples");
  }

  private static void quotes(String page, String folder) throws IOException {
    String guide = Files.readString(Path.of("../docs", page));
    List<String> quotes =
        JAVA.matcher(guide).results().map((MatchResult quote) -> quote.group(1)).toList();
    var programs = new ArrayList<String>();
    try (var files = Files.newDirectoryStream(Path.of(folder))) {
      for (Path file : files) {
        programs.add(plain(Files.readString(file)));
      }
    }

    assertThat(quotes).isNotEmpty();
    for (String quote : quotes) {
      assertThat(programs).as(quote).anyMatch(program -> program.contains(plain(quote)));
    }
  }

  /** The engine's own test is what runs those. */
  @Test
  void quotesTheTestOfSavepointsToTheLetter() throws IOException {
    String guide = Files.readString(Path.of("../docs/savepoints.md"));
    String test =
        Files.readString(
            Path.of(
                "../cluster-runtime/src/test/java/io/millrace/runtime/host/OfflineSavepointTest.java"));
    List<String> quotes = JAVA.matcher(guide).results().map(quote -> quote.group(1)).toList();
    assertThat(quotes).isNotEmpty();
    for (String quote : quotes) {
      assertThat(plain(test)).contains(plain(quote));
    }
  }

  private static String plain(String code) {
    return code.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
