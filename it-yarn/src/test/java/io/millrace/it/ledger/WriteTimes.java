package io.millrace.it.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * When the subtasks of a sink got records, as far as processes that were killed have noted it.
 *
 * @param subtasks of each the times in milliseconds of the wall clock, rising
 */
public record WriteTimes(List<long[]> subtasks) {
  /** In less time than that each subtask gets a record, as long as nothing is in the way. */
  private static final long FLOWING_MILLIS = 500;

  /** What the writers of the job's first output have noted in that directory. */
  public static WriteTimes read(Path directory) throws IOException {
    var subtasks = new ArrayList<long[]>();
    for (Path subtask : list(directory)) {
      var lines = new ArrayList<String>();
      for (Path attempt : list(subtask)) {
        lines.addAll(Files.readAllLines(attempt));
      }
      subtasks.add(lines.stream().mapToLong(Long::parseLong).sorted().toArray());
    }
    return new WriteTimes(List.copyOf(subtasks));
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  /**
   * The longest time in which a subtask got no record, of those that began within these times; at
   * most {@value TimedSink#RESOLUTION_MILLIS} ms too long. Empty if records did not flow to all of
   * them at its beginning: what happens then is not the reason for what follows.
   */
  public OptionalLong longestGap(long fromMillis, long untilMillis) {
    long longest = 0;
    for (long[] times : subtasks) {
      int next = firstAfter(fromMillis, times);
      if (next == 0 || next == times.length || times[next - 1] < fromMillis - FLOWING_MILLIS) {
        return OptionalLong.empty();
      }
      for (int i = next; i < times.length && times[i - 1] < untilMillis; i++) {
        longest = Math.max(longest, times[i] - times[i - 1]);
      }
    }
    return subtasks.isEmpty() ? OptionalLong.empty() : OptionalLong.of(longest);
  }

  private static int firstAfter(long millis, long[] times) {
    int at = 0;
    while (at < times.length && times[at] <= millis) {
      at++;
    }
    return at;
  }
}
