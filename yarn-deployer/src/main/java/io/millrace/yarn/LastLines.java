package io.millrace.yarn;

import io.millrace.runtime.jobmanager.LogExcerpt;
import java.util.ArrayList;

/**
 * The last lines of a container's logs, which its shell hands to YARN as part of the diagnostics
 * ({@link LaunchCommand}).
 */
final class LastLines {
  /** Stands in front of the name of a log file whose lines follow. */
  static final String BEGIN = "== last lines of ";

  static final String END = "== end of last lines";

  private LastLines() {}

  /** Empty if the diagnostics have none. */
  static LogExcerpt in(String diagnostics) {
    var lines = new ArrayList<String>();
    boolean inside = false;
    String heading = "";
    for (String line : diagnostics.lines().toList()) {
      if (line.equals(END)) {
        break; // YARN may say all of it twice
      } else if (line.startsWith(BEGIN)) {
        inside = true;
        heading = line.substring(BEGIN.length()) + ":";
      } else if (inside && LogExcerpt.isTelling(line)) {
        if (!heading.isEmpty()) {
          lines.add(heading);
          heading = "";
        }
        lines.add(line);
      }
    }
    return new LogExcerpt(lines);
  }
}
