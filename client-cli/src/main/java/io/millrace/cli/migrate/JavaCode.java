package io.millrace.cli.migrate;

/** Tells code from comments and quotations. */
final class JavaCode {
  private JavaCode() {}

  /** The text with every character of a comment or a quotation blank; lines keep their place. */
  static String of(String text) {
    var code = new StringBuilder(text);
    int i = 0;
    while (i < text.length()) {
      String end = closing(text, i);
      if (end == null) {
        i++;
        continue;
      }
      boolean quotation = end.endsWith("\"") || end.equals("'");
      int close = i + (quotation ? end.length() : 2);
      while (close < text.length() && !text.startsWith(end, close)) {
        boolean lineEnds = text.charAt(close) == '\n' && (end.equals("\"") || end.equals("'"));
        if (lineEnds) {
          break; // no Java, but the rest of the file need not suffer
        }
        close += quotation && text.charAt(close) == '\\' ? 2 : 1;
      }
      int next = Math.min(text.length(), end.equals("\n") ? close : close + end.length());
      for (int at = i; at < next; at++) {
        if (text.charAt(at) != '\n' && text.charAt(at) != '\r') {
          code.setCharAt(at, ' ');
        }
      }
      i = next;
    }
    return code.toString();
  }

  /** What ends the comment or quotation that begins here; null if neither begins. */
  private static String closing(String text, int at) {
    if (text.startsWith("//", at)) {
      return "\n";
    }
    if (text.startsWith("/*", at)) {
      return "*/";
    }
    if (text.startsWith("\"\"\"", at)) {
      return "\"\"\"";
    }
    char c = text.charAt(at);
    return c == '"' || c == '\'' ? String.valueOf(c) : null;
  }

  /** From 1 on. */
  static int lineOf(String text, int at) {
    int line = 1;
    for (int i = 0; i < at; i++) {
      if (text.charAt(i) == '\n') {
        line++;
      }
    }
    return line;
  }
}
