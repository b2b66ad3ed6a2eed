package io.millrace.yarn;

import io.millrace.runtime.client.RunningCluster.Death;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What YARN says of an ApplicationMaster that has ended, which is nothing but text. */
final class AttemptEnd {
  private static final Pattern CODE = Pattern.compile("exitCode: *(-?\\d+)");

  static Death of(int attempt, String diagnostics) {
    return new Death(attempt, inWords(attempt, diagnostics));
  }

  /** A sentence, and the last lines of its log if YARN has them. */
  static String inWords(int attempt, String diagnostics) {
    String jobManager = "The JobManager of attempt " + attempt + " ";
    Matcher code = CODE.matcher(diagnostics);
    if (code.find()) {
      int number = Integer.parseInt(code.group(1));
      return LastLines.in(diagnostics)
          .below(
              jobManager + ContainerExit.explainJobManager(number) + " (exit code " + number + ")");
    }
    String telling = ContainerExit.shorten(diagnostics);
    return jobManager + "has ended" + (telling.isEmpty() ? "" : ": " + telling);
  }

  private AttemptEnd() {}
}
