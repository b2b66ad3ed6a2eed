package io.millrace.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * Where a command runs: what it may print to and read, and its environment.
 *
 * @param out for what scripts read
 * @param err for errors, warnings and notices
 * @param in for what users type
 * @param begun when the command did, if its user wants to know how long each phase takes
 */
record Console(
    PrintStream out,
    PrintStream err,
    InputStream in,
    Map<String, String> environment,
    OptionalLong begun) {
  private static final String BELOW = "  | ";

  Console(PrintStream out, PrintStream err, InputStream in, Map<String, String> environment) {
    this(out, err, in, environment, OptionalLong.empty());
  }

  /** Where nobody types. */
  Console(PrintStream out, PrintStream err, Map<String, String> environment) {
    this(out, err, InputStream.nullInputStream(), environment);
  }

  /**
   * One that tells each phase, too.
   *
   * @param wallMillis when the command began
   */
  Console verbose(long wallMillis) {
    return new Console(out, err, in, environment, OptionalLong.of(wallMillis));
  }

  boolean isVerbose() {
    return begun.isPresent();
  }

  /** A phase has ended just now. Not on standard output, which scripts read. */
  void reached(String what) {
    if (isVerbose()) {
      reached(System.currentTimeMillis(), what);
    }
  }

  /**
   * The same for one that ended before.
   *
   * @param wallMillis when, perhaps by the clock of another machine
   */
  void reached(long wallMillis, String what) {
    if (isVerbose()) {
      long millis = wallMillis - begun.getAsLong();
      warn(String.format(Locale.ROOT, "[%7d ms] %s", millis, oneLine(what)));
    }
  }

  void say(String text) {
    out.println(harmless(text, true));
    out.flush();
  }

  void warn(String text) {
    err.println(harmless(text, true));
    err.flush();
  }

  /** Something that users chose, where a line must stay a line. */
  static String oneLine(String text) {
    return harmless(text, false);
  }

  /**
   * What may say more below its first line, such as the last lines of a log: none of them can be
   * taken for a line of ours.
   */
  static String lines(String text) {
    return text.lines()
        .map(Console::oneLine)
        .map(line -> line.startsWith(BELOW) ? line : BELOW + line)
        .collect(Collectors.joining("\n"))
        .substring(text.isEmpty() || text.startsWith(BELOW) ? 0 : BELOW.length());
  }

  /**
   * Names of jobs and texts of errors hold what users and their data put there; a terminal must not
   * take it for commands.
   */
  private static String harmless(String text, boolean lines) {
    var shown = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean layout = lines && (c == '\n' || c == '\t');
      if (!layout && (Character.isISOControl(c) || turnsTextAround(c))) {
        shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        shown.append(c);
      }
    }
    return shown.toString();
  }

  /** Marks that make text appear in another order than it has. */
  private static boolean turnsTextAround(char c) {
    return c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069';
  }
}
