package io.millrace.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often each word occurs, counted without any code of the product: a word is a maximal run of
 * letters and digits, in lower case.
 */
final class WordCounts {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{Nd}]+");

  private final Map<String, Long> counts = new TreeMap<>();

  static WordCounts of(Path... texts) throws IOException {
    WordCounts counts = new WordCounts();
    for (Path text : texts) {
      // Line by line: a test's text may be larger than the heap.
      try (var lines = Files.lines(text, StandardCharsets.UTF_8)) {
        lines.forEach(counts::add);
      }
    }
    return counts;
  }

  void add(String line) {
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      counts.merge(word.group().toLowerCase(java.util.Locale.ROOT), 1L, Long::sum);
    }
  }

  /** Lines {@code <count> <word>}, sorted as text, as a job's output is compared. */
  List<String> sortedLines() {
    List<String> lines = new ArrayList<>();
    counts.forEach((word, count) -> lines.add(count + " " + word));
    lines.sort(null);
    return lines;
  }
}
