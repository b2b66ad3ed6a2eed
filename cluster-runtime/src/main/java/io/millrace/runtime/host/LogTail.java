package io.millrace.runtime.host;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ends of this process's logs, for others to know in case it is killed: then nobody is left to
 * tell them. Any thread may use it.
 */
final class LogTail {
  /** Of each file, as much as the shell of a container tells of a process that has failed. */
  private static final int MOST_BYTES = 1_600;

  private static final int MOST_LINES = 12;

  private final List<Path> files;

  /** Of each file when it was last looked at. */
  private List<Long> sizes = List.of();

  LogTail(List<Path> files) {
    this.files = List.copyOf(files);
  }

  /** Whether anything has been written since this was last asked. */
  synchronized boolean hasGrown() {
    List<Long> now = files.stream().map(file -> file.toFile().length()).toList();
    boolean grown = !now.equals(sizes);
    sizes = now;
    return grown;
  }

  /** The last lines of each file. */
  List<String> lines() {
    var lines = new ArrayList<String>();
    for (Path file : files) {
      List<String> some = end(file);
      if (!some.isEmpty()) {
        lines.add(file.getFileName() + ", as last heard of:");
        lines.addAll(some);
      }
    }
    return lines;
  }

  /** Whoever comes to know them next knows none yet. */
  synchronized void tellAgain() {
    sizes = List.of();
  }

  private static List<String> end(Path path) {
    try (var file = new RandomAccessFile(path.toFile(), "r")) {
      long from = Math.max(0, file.length() - MOST_BYTES);
      var bytes = new byte[MOST_BYTES];
      file.seek(from);
      int count = Math.max(0, file.read(bytes));
      String text = new String(Arrays.copyOf(bytes, count), StandardCharsets.UTF_8);
      List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
      int cut = from > 0 && lines.size() > 1 ? 1 : 0; // the first one is a part of a line
      return lines.subList(Math.max(cut, lines.size() - MOST_LINES), lines.size());
    } catch (IOException e) {
      return List.of();
    }
  }
}
