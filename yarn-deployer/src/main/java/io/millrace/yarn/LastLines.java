package io.millrace.yarn;

import java.util.ArrayDeque;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The last lines of a container's logs, which its shell hands to YARN as part of the diagnostics
 * ({@link LaunchCommand}). They hold whatever the program put there, and go to logs, terminals and
 * other machines: few, short, and harmless.
 */
final class LastLines {
  /** Stands in front of the name of a log file whose lines follow. */
  static final String BEGIN = "== last lines of ";

  static final String END = "== end of last lines";

  static final int MOST_LINES = 20;
  static final int MOST_CHARACTERS = 4_000;
  private static final int LONGEST_LINE = 400;

  /** As programs print what nobody else should read. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)((?:password|passwd|secret|token|credential)[\\w.-]*[\"']?\\s*[=:]\\s*)[^\\s,;&}]+");

  /** What JVMs say of the environment, where secrets may be. */
  private static final String ENVIRONMENT = "Picked up ";

  private LastLines() {}

  /** None if the diagnostics have none; the newest of them are kept. */
  static List<String> in(String diagnostics) {
    var lines = new ArrayDeque<String>();
    boolean inside = false;
    String heading = "";
    for (String line : diagnostics.lines().toList()) {
      if (line.equals(END)) {
        break; // YARN may say all of it twice
      } else if (line.startsWith(BEGIN)) {
        inside = true;
        heading = harmless(line.substring(BEGIN.length())) + ":";
      } else if (inside && !line.isBlank() && !line.startsWith(ENVIRONMENT)) {
        if (!heading.isEmpty()) {
          lines.add(heading);
          heading = "";
        }
        lines.add(harmless(line));
      }
    }
    int characters = lines.stream().mapToInt(String::length).sum();
    while (lines.size() > MOST_LINES || characters > MOST_CHARACTERS) {
      characters -= lines.removeFirst().length();
    }
    return List.copyOf(lines);
  }

  /** The sentence with the lines below it, each marked as not being ours. */
  static String below(String sentence, String diagnostics) {
    var text = new StringBuilder(sentence);
    in(diagnostics).forEach(line -> text.append("\n  | ").append(line));
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
