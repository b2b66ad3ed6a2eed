package io.millrace.cli;

import io.millrace.cli.Flag.Support;
import java.util.List;

/** What {@code -h} prints, read off the table of flags. */
final class Help {
  static String all() {
    return """
    millrace <action> [flags] ...

      run      runs a program on a YARN cluster of its own, or in a session
               millrace run -m yarn-cluster [flags] <jar> [program arguments]
               millrace run -yid applicationId [flags] <jar> [program arguments]
      run-application  runs a program's main method in the cluster, too:
               millrace run-application -t yarn-application [flags] <jar> [program arguments]
      yarn-session  starts a session on YARN, which runs many jobs:  yarn-session.sh [flags]
      list     lists the jobs that run:       millrace list [-yid applicationId]
      savepoint  keeps a savepoint of a job:   millrace savepoint <jobId> [directory]
      stop     ends a job with a savepoint:   millrace stop [-p directory] [-d] <jobId>
      cancel   cancels a job:                 millrace cancel [-yid applicationId] <jobId>
      clean    clears away what killed applications left behind, having committed what they
               promised:                      millrace clean [-yid applicationId [--force]] [path]
      state    shows what a savepoint holds, or checks what a program could restore of it:
               millrace state show <path>;  millrace state check --from <path> <jar> [args]

      migrate  rewrites a program for Flink's DataStream API:
                                              millrace migrate [--dry-run] <folder>

      -h, --help      this text; after an action, its flags
      -v, --version   the version\
    """;
  }

  static String of(String action) {
    var text = new StringBuilder("millrace " + action + " [flags] ").append(rest(action));
    for (Flag flag : Flags.of(action)) {
      if (flag.support() == Support.SUPPORTED) {
        String names = String.join(", ", flag.names());
        String all = flag.takesArgument() ? names + " " + argument(flag) : names;
        text.append(String.format("%n  %-46s %s", all, flag.text()));
      }
    }
    List<String> obsolete =
        Flags.of(action).stream()
            .filter(flag -> flag.support() == Support.NOTICE)
            .map(flag -> flag.names().get(0))
            .toList();
    if (!obsolete.isEmpty()) {
      text.append(String.format("%nObsolete, accepted: %s", String.join(", ", obsolete)));
    }
    return text.toString();
  }

  private static String argument(Flag flag) {
    return flag.argumentIsOptional() ? flag.argument() : "<" + flag.argument() + ">";
  }

  private static String rest(String action) {
    return switch (action) {
      case "run", "run-application", "state check" -> "<jar> [program arguments]";
      case "state show" -> "<path>";
      case "cancel", "stop" -> "<jobId>";
      case "savepoint" -> "<jobId> [directory]";
      case "clean" -> "[path]";
      case "migrate" -> "<folder>";
      default -> "";
    };
  }

  private Help() {}
}
