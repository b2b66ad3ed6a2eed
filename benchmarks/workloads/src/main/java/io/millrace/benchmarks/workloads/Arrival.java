package io.millrace.benchmarks.workloads;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Writes into files when the first and the last record have come to a sink, for a process that
 * waits for them.
 */
public final class Arrival {
  private final Path first;
  private final Path last;
  private final long expected;
  private long records;

  /**
   * @param name what the names of both files begin with
   */
  public Arrival(String name, long expected) {
    this.first = first(name);
    this.last = last(name);
    this.expected = expected;
  }

  public static Path first(String name) {
    return Path.of(name + ".first");
  }

  public static Path last(String name) {
    return Path.of(name + ".last");
  }

  /** There is one record more. */
  public void add() throws IOException {
    records++;
    if (records == 1) {
      note(first);
    }
    if (records == expected) {
      note(last);
    }
  }

  /** At once with its content: the reader does not wait for more. */
  private static void note(Path file) throws IOException {
    String now = Long.toString(System.currentTimeMillis());
    Path part = Path.of(file + ".part");
    Files.writeString(part, now);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
