package io.millrace.yarn;

import java.util.ArrayList;
import java.util.List;

/**
 * The command of a container. YARN pastes the text of a command into {@code exec /bin/bash -c
 * "..."} of a script of its own, after having replaced its own marks ({@code <LOG_DIR>}, <code>
 * {{NAME}}</code>) in it; so what is written here goes through two shells and one replacement, and
 * every word must come out as it went in.
 *
 * @param mainClass what the JVM runs
 * @param jvmFlags words for the JVM
 * @param arguments words for the program
 * @param logName {@code jobmanager} or {@code taskmanager}
 * @param shared archives that the JVM may take classes from
 */
record LaunchCommand(
    String mainClass,
    List<String> jvmFlags,
    List<String> arguments,
    String logName,
    SharedClasses shared) {
  private static final int LEAST_JAVA = 17;

  /**
   * The shell outlives the JVM. YARN signals both of them: a shell with traps ends when the JVM
   * has, and the JVM, which does not inherit them, is asked to end or to print its threads as ever.
   * What the shell says of a JVM that was killed would repeat the whole command.
   */
  private static final String STAY = "trap : HUP INT QUIT TERM; exec 3>&2 2>/dev/null; ";

  /** The text to give to YARN. */
  String text() {
    var words = new ArrayList<String>();
    words.addAll(jvmFlags);
    words.add(mainClass);
    words.addAll(arguments);
    var script = new StringBuilder(checkOfJava());
    script.append(shared.choice());
    script.append(STAY);
    script
        .append("\"$J\"")
        .append(shared.flags())
        .append(" -Dmillrace.log.file=<LOG_DIR>/")
        .append(logName)
        .append(".log");
    script.append(" -XX:ErrorFile=<LOG_DIR>/hs_err_pid%p.log");
    for (String word : words) {
      script.append(' ').append(word(word));
    }
    script.append(" 1>><LOG_DIR>/").append(logName).append(".out");
    script.append(" 2>><LOG_DIR>/").append(logName).append(".err 3>&-; C=$?; ");
    script.append(lastWords());
    script.append("exit $C");
    return insideDoubleQuotes(script.toString());
  }

  /**
   * The last lines of its logs on the standard error of the shell, whose end YARN puts into the
   * diagnostics of a container that has failed. A JVM that has run out of memory, or was halted,
   * cannot tell them itself.
   */
  private String lastWords() {
    return "exec 2>&3 3>&-; if [ $C -ne 0 ]; then for F in "
        + logName
        + ".err "
        + logName
        + ".log; do echo \""
        + LastLines.BEGIN
        + "$F\"; tail -n 12 <LOG_DIR>/$F 2>/dev/null | tail -c 1600; echo; done >&2; echo \""
        + LastLines.END
        + "\" >&2; fi; ";
  }

  /**
   * Before it starts the JVM, the shell looks which one it is. What it says on standard error
   * reaches the client through YARN's diagnostics. The file {@code release} is there in every JDK;
   * asking the program costs a start of the JVM.
   */
  private static String checkOfJava() {
    return "J=\"${JAVA_HOME:+$JAVA_HOME/bin/}java\"; "
        + "V=$(sed -n 's/^JAVA_VERSION=\"\\([^\"]*\\)\".*/\\1/p' \"$JAVA_HOME/release\" 2>/dev/null); "
        + "if [ -z \"$V\" ]; then "
        + "V=$(\"$J\" -version 2>&1 | sed -n 's/.* version \"\\([^\"]*\\)\".*/\\1/p' | head -n 1); fi; "
        + "M=${V#1.}; M=${M%%[!0-9]*}; "
        + "if [ \"${M:-0}\" -lt "
        + LEAST_JAVA
        + " ]; then echo \"container Java is ${V:-absent}; set"
        + " containerized.{master,taskmanager}.env.JAVA_HOME\" >&2; exit "
        + ContainerExit.WRONG_JAVA
        + "; fi; ";
  }

  /** A word as the inner shell must see it, free of YARN's marks. */
  static String word(String word) {
    if (word.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a word of a command cannot hold the character 0");
    }
    var quoted = new StringBuilder("'");
    char before = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      // An empty pair of quotes changes nothing for the shell and breaks {{, }} and <LOG_DIR>.
      if (c == before && (c == '{' || c == '}') || before == '<') {
        quoted.append("''");
      }
      if (c == '\'') {
        quoted.append("'\\''");
      } else {
        quoted.append(c);
      }
      before = c;
    }
    return quoted.append('\'').toString();
  }

  /** What the outer shell would read something into, shielded. */
  static String insideDoubleQuotes(String text) {
    var shielded = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\' || c == '"' || c == '$' || c == '`') {
        shielded.append('\\');
      }
      shielded.append(c);
    }
    return shielded.toString();
  }

  /**
   * Words of a setting such as {@code env.java.opts.all}: separated by white space, which quotes of
   * either kind keep.
   */
  static List<String> split(String text) {
    var words = new ArrayList<String>();
    StringBuilder word = null;
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (Character.isWhitespace(c)) {
        if (word != null) {
          words.add(word.toString());
          word = null;
        }
      } else {
        word = word == null ? new StringBuilder() : word;
        if (c == '"' || c == '\'') {
          quote = c;
        } else {
          word.append(c);
        }
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("a quote is not closed: " + text);
    }
    if (word != null) {
      words.add(word.toString());
    }
    return words;
  }
}
