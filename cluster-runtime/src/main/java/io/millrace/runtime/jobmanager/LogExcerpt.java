package io.millrace.runtime.jobmanager;

import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The last lines of a process's logs. They hold whatever the program put there, and go to logs,
 * terminals and other machines: few, short, and harmless. The newest are kept.
 */
public record LogExcerpt(List<String> lines) {
  public static final LogExcerpt NONE = new LogExcerpt(List.of());

  public static final int MOST_LINES = 20;
  public static final int MOST_CHARACTERS = 4_000;
  private static final int LONGEST_LINE = 400;

  /** As programs print what nobody else should read. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)((?:password|passwd|secret|token|credential)[\\w.-]*[\"']?\\s*[=:]\\s*)[^\\s,;&}]+");

  /** What JVMs say of the environment, where secrets may be. */
  private static final String ENVIRONMENT = "Picked up ";

  public LogExcerpt {
    var kept = new ArrayDeque<String>();
    lines.stream().filter(LogExcerpt::isTelling).map(LogExcerpt::harmless).forEach(kept::add);
    int characters = kept.stream().mapToInt(String::length).sum();
    while (kept.size() > MOST_LINES || characters > MOST_CHARACTERS) {
      characters -= kept.removeFirst().length();
    }
    lines = List.copyOf(kept);
  }

  /** Whether a line is one that may be kept. */
  public static boolean isTelling(String line) {
    return !line.isBlank() && !line.startsWith(ENVIRONMENT);
  }

  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /** The sentence with the lines below it, each marked as not being ours. */
  public String below(String sentence) {
    var text = new StringBuilder(sentence);
    lines.forEach(line -> text.append("\n  | ").append(line));
    return text.toString();
  }

  private static String harmless(String line) {
    String shown = SECRET.matcher(line.stripTrailing()).replaceAll("$1***");
    if (shown.length() > LONGEST_LINE) {
      shown = shown.substring(0, LONGEST_LINE) + "...";
    }
    return shown
        .codePoints()
        .map(c -> c == '\t' ? ' ' : spoilsText(c) ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** Commands for terminals, and marks that make text appear in another order than it has. */
  private static boolean spoilsText(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }
}
