package io.millrace.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * Where a command runs: what it may print to, and its environment.
 *
 * @param out for what scripts read
 * @param err for errors, warnings and notices
 */
record Console(PrintStream out, PrintStream err, Map<String, String> environment) {
  void say(String line) {
    out.println(line);
    out.flush();
  }

  void warn(String line) {
    err.println(line);
    err.flush();
  }
}
