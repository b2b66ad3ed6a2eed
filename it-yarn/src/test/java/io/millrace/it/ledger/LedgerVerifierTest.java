package io.millrace.it.ledger;

import static io.millrace.it.ledger.Findings.Fault.ALTERED;
import static io.millrace.it.ledger.Findings.Fault.DUPLICATED;
import static io.millrace.it.ledger.Findings.Fault.LOST;
import static io.millrace.it.ledger.Findings.Fault.REORDERED;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.it.ledger.Findings.Fault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the ledger in this JVM, then damages its output in every way that must be noticed. */
class LedgerVerifierTest {
  private static final List<String> NAMES = LedgerJob.OUTPUTS;
  private static final Book BOOK = new Book(7, 4, 1_500, 500, 6);

  @TempDir static Path folder;

  /** Of each output, of each file, its lines. */
  private static final Map<String, Map<String, List<String>>> OUTPUT = new TreeMap<>();

  @BeforeAll
  static void run() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    // One file for each subtask, so that each has lines of which the order matters.
    env.setParallelism(2).disableCheckpointing();
    LedgerJob.describe(env, BOOK, folder.toUri().toString(), folder.resolve("times").toString());
    env.execute("Ledger");
    for (String name : NAMES) {
      var files = new TreeMap<String, List<String>>();
      try (Stream<Path> found = Files.walk(folder.resolve(name))) {
        for (Path file :
            found.filter(f -> f.getFileName().toString().startsWith("part-")).toList()) {
          files.put(name + "/" + file.getFileName(), Files.readAllLines(file));
        }
      }
      OUTPUT.put(name, files);
    }
  }

  @Test
  void findsNothingInWhatTheEngineWrote() throws Exception {
    Findings findings = verify(files -> {});

    assertThat(findings.first()).isEmpty();
    assertThat(findings.none()).isTrue();
    assertThat(findings.lines()).isGreaterThan(2 * 4 * 1_500);
    assertThat(OUTPUT.get("pairs")).isNotEmpty();
    assertThat(findings)
        .hasToString(
            "0 lost, 0 duplicated, 0 reordered, 0 altered of " + findings.lines() + " lines");
  }

  @Test
  void notesWhenTheFirstSinkGotRecords() throws Exception {
    WriteTimes times = WriteTimes.read(folder.resolve("times"));

    assertThat(times.subtasks()).hasSize(2).allSatisfy(each -> assertThat(each).isNotEmpty());
  }

  @Test
  void findsALineThatIsLost() throws Exception {
    for (String name : NAMES) {
      assertFinds(name, LOST, lines -> lines.remove(lines.size() / 2));
    }
  }

  @Test
  void findsTheLastLineThatIsLost() throws Exception {
    for (String name : NAMES) {
      assertFinds(name, LOST, lines -> lines.remove(lines.size() - 1));
    }
  }

  @Test
  void findsALineThatIsDoubled() throws Exception {
    for (String name : NAMES) {
      assertFinds(name, DUPLICATED, lines -> lines.add(lines.get(lines.size() / 2)));
    }
  }

  @Test
  void findsLinesThatAreSwapped() throws Exception {
    for (String name : List.of("entries", "ordered", "sums", "closings", "windows")) {
      assertFinds(name, REORDERED, lines -> swapTwoOfAKind(name, lines));
    }
  }

  @Test
  void findsEveryDigitThatIsAltered() throws Exception {
    for (String name : NAMES) {
      int words = largest(name, OUTPUT).get(0).split(" ").length;
      for (int word = 0; word < words; word++) {
        int at = word;
        Findings findings =
            verify(
                output -> {
                  List<String> lines = largest(name, output);
                  int line = lines.size() / 2;
                  String[] parts = lines.get(line).split(" ");
                  String old = parts[at];
                  char last = old.charAt(old.length() - 1);
                  parts[at] =
                      old.substring(0, old.length() - 1) + (last == '9' ? '0' : (char) (last + 1));
                  lines.set(line, String.join(" ", parts));
                });
        assertThat(findings.none()).as(name + ", word " + at).isFalse();
        assertThat(findings.first()).isNotEmpty();
      }
    }
  }

  @Test
  void findsALineThatCannotBeRead() throws Exception {
    for (String name : NAMES) {
      assertFinds(name, ALTERED, lines -> lines.set(0, lines.get(0).replace(" ", "")));
    }
  }

  @Test
  void findsAFileThatIsLostOrShownTwice() throws Exception {
    for (String name : NAMES) {
      Findings lost = verify(output -> output.get(name).remove(nameOfLargest(name, output)));
      Findings twice =
          verify(output -> output.get(name).put(name + "/again", largest(name, output)));

      assertThat(lost.count(LOST)).as(name).isPositive();
      assertThat(twice.count(DUPLICATED)).as(name).isPositive();
    }
  }

  /** Entries that reach an account in another order than their partition has them. */
  @Test
  void findsSumsOfEntriesThatOvertookEachOther() throws Exception {
    Findings findings =
        verify(
            output -> {
              List<String> lines = largest("sums", output);
              String account = lines.get(0).split(" ")[0];
              List<Integer> places = new ArrayList<>();
              for (int i = 0; i < lines.size(); i++) {
                String[] words = lines.get(i).split(" ");
                if (words[0].equals(account) && words[2].equals("0")) {
                  places.add(i);
                }
              }
              String[] one = lines.get(places.get(0)).split(" ");
              String[] other = lines.get(places.get(1)).split(" ");
              String seq = one[3];
              one[3] = other[3];
              other[3] = seq;
              lines.set(places.get(0), String.join(" ", one));
              lines.set(places.get(1), String.join(" ", other));
            });

    assertThat(findings.none()).isFalse();
  }

  private static void swapTwoOfAKind(String name, List<String> lines) {
    // Neighbours may be of different partitions or accounts, whose order is free.
    int kind = 0;
    String first = lines.get(0).split(" ")[kind];
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).split(" ")[kind].equals(first)) {
        Collections.swap(lines, 0, i);
        return;
      }
    }
    throw new AssertionError("no two lines of one kind in " + name);
  }

  private static void assertFinds(String name, Fault fault, Consumer<List<String>> damage)
      throws IOException {
    Findings findings = verify(output -> damage.accept(largest(name, output)));
    assertThat(findings.count(fault)).as(name + ": " + findings).isPositive();
    assertThat(findings.none()).isFalse();
    assertThat(findings.first().get(0)).contains(name);
  }

  private static List<String> largest(String name, Map<String, Map<String, List<String>>> output) {
    return output.get(name).get(nameOfLargest(name, output));
  }

  private static String nameOfLargest(String name, Map<String, Map<String, List<String>>> output) {
    return output.get(name).entrySet().stream()
        .max((one, other) -> Integer.compare(one.getValue().size(), other.getValue().size()))
        .orElseThrow()
        .getKey();
  }

  private static Findings verify(Consumer<Map<String, Map<String, List<String>>>> damage)
      throws IOException {
    var copy = new TreeMap<String, Map<String, List<String>>>();
    OUTPUT.forEach(
        (name, files) -> {
          var lines = new TreeMap<String, List<String>>();
          files.forEach((file, each) -> lines.put(file, new ArrayList<>(each)));
          copy.put(name, lines);
        });
    damage.accept(copy);
    return LedgerVerifier.verify(
        BOOK,
        new LedgerOutput() {
          @Override
          public List<String> files(String name) {
            return List.copyOf(copy.get(name).keySet());
          }

          @Override
          public BufferedReader open(String file) {
            String name = file.substring(0, file.indexOf('/'));
            String text = String.join("\n", copy.get(name).get(file));
            return new BufferedReader(new StringReader(text));
          }
        });
  }
}
