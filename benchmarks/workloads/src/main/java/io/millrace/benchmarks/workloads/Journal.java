package io.millrace.benchmarks.workloads;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A file of what happens at a sink whose job is struck: the first record of each of its writers,
 * and each commit. Several processes append to it; each line is one write.
 */
public record Journal(String file) {
  private static final String WRITTEN = "written";
  private static final String COMMITTED = "committed";

  /**
   * @param number of the record, for commits of the last one
   * @param process that noted it
   */
  public record Entry(String what, long number, long millis, long process) {
    private static Entry of(String line) {
      String[] words = line.split(" ");
      return new Entry(
          words[0], Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
    }

    private String line() {
      return what + " " + number + " " + millis + " " + process + "\n";
    }
  }

  /** A writer has got its first record. */
  public void written(long number) throws IOException {
    note(WRITTEN, number);
  }

  /** All records up to that one are visible. */
  public void committed(long number) throws IOException {
    note(COMMITTED, number);
  }

  /** In the order of their lines. */
  public List<Entry> writers() throws IOException {
    return entries(WRITTEN);
  }

  /** In the order of their lines. */
  public List<Entry> commits() throws IOException {
    return entries(COMMITTED);
  }

  private void note(String what, long number) throws IOException {
    var entry = new Entry(what, number, System.currentTimeMillis(), ProcessHandle.current().pid());
    Files.writeString(Path.of(file), entry.line(), CREATE, APPEND);
  }

  private List<Entry> entries(String what) throws IOException {
    Path path = Path.of(file);
    if (!Files.exists(path)) {
      return List.of();
    }
    String text = Files.readString(path);
    try (Stream<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines()) {
      return lines.map(Entry::of).filter(entry -> entry.what().equals(what)).toList();
    }
  }
}
