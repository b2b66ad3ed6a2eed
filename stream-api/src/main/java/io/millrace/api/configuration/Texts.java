package io.millrace.api.configuration;

import java.util.ArrayList;
import java.util.List;

/** Lists as text: semicolons between parts, single quotes around what has one, doubled within. */
final class Texts {
  static String joined(List<String> parts) {
    return String.join(";", parts.stream().map(Texts::quoted).toList());
  }

  private static String quoted(String part) {
    boolean plain =
        !part.isEmpty()
            && part.equals(part.strip())
            && part.chars().noneMatch(c -> c == ';' || c == '\'');
    return plain ? part : "'" + part.replace("'", "''") + "'";
  }

  /**
   * @throws IllegalArgumentException if a quote is not closed
   */
  static List<String> parts(String text) {
    var parts = new ArrayList<String>();
    var part = new StringBuilder();
    boolean within = false;
    boolean wasQuoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (within && c == '\'' && i + 1 < text.length() && text.charAt(i + 1) == '\'') {
        part.append(c);
        i++;
      } else if (c == '\'') {
        within = !within;
        wasQuoted = true;
      } else if (c == ';' && !within) {
        add(part, wasQuoted, parts);
        wasQuoted = false;
      } else {
        part.append(c);
      }
    }
    if (within) {
      throw new IllegalArgumentException("a quote is not closed");
    }
    add(part, wasQuoted, parts);
    return parts;
  }

  private static void add(StringBuilder part, boolean wasQuoted, List<String> parts) {
    String text = wasQuoted ? part.toString() : part.toString().strip();
    if (wasQuoted || !text.isEmpty()) {
      parts.add(text);
    }
    part.setLength(0);
  }

  private Texts() {}
}
