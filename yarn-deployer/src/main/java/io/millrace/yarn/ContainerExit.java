package io.millrace.yarn;

import java.util.stream.Collectors;

/** What YARN's and the JVM's exit codes mean, and what helps. */
final class ContainerExit {
  /** Our own: the container's Java is too old. */
  static final int WRONG_JAVA = 64;

  /** Of a TaskManager. */
  static String explain(int code) {
    return explain(code, "-ytm or taskmanager.memory.process.size");
  }

  static String explainJobManager(int code) {
    return explain(code, "-yjm or jobmanager.memory.process.size");
  }

  private static String explain(int code, String memory) {
    return switch (code) {
      case 0 -> "ended by itself";
      case 1 -> "ended with an error; its log says which";
      case 3 ->
          "ran out of Java heap, metaspace or direct memory; its .err file says which; give it more"
              + " memory with "
              + memory;
      case WRONG_JAVA -> "was given a Java that is too old";
      case -100 -> "was aborted or lost with its node";
      case -101 -> "was lost because the disks of its node have failed";
      case -102 -> "was preempted by YARN in favour of another queue";
      case -103, -104 ->
          "exceeded the "
              + (code == -103 ? "virtual" : "physical")
              + " memory that YARN allows it; give it more with "
              + memory;
      case -105 -> "was stopped by the JobManager";
      case -106 -> "was ended because YARN no longer needs it";
      case -107 -> "was ended because its application had ended";
      case 127 -> "found no Java; set containerized.{master,taskmanager}.env.JAVA_HOME";
      case 134 -> "crashed (SIGABRT); look for hs_err_pid*.log among its logs";
      case 137 -> "was killed (SIGKILL), by a person, the kernel short of memory, or YARN";
      case 139 -> "crashed (SIGSEGV); look for hs_err_pid*.log among its logs";
      case 143 -> "was asked to end (SIGTERM), by a person or by YARN";
      default -> "ended";
    };
  }

  /** Whether it may be due to the memory that the process had; the kernel ends with 137. */
  static boolean mayBeForMemory(int code) {
    return code == -103 || code == -104 || code == 137;
  }

  /** Whether another node might have served better; not so if somebody wished the end. */
  static boolean mayBeOfTheNode(int code) {
    return switch (code) {
      case 0, 137, 143, -100, -102, -103, -104, -105, -106, -107 -> false;
      default -> true;
    };
  }

  /**
   * Whether there is room for another one where it was; not so if the node or the place is gone.
   */
  static boolean leavesRoom(int code) {
    return switch (code) {
      case -100, -101, -102 -> false;
      default -> true;
    };
  }

  /**
   * Whether its node has seen the process end. What the ResourceManager says of a container that it
   * has given up, taken or been given back may come before that, or where nobody sees the process.
   */
  static boolean hasExited(int code) {
    return code >= 0 || code == -103 || code == -104;
  }

  /** The telling lines of YARN's diagnostics, which are mostly stack traces and empty lines. */
  static String shorten(String diagnostics) {
    return diagnostics
        .lines()
        .takeWhile(line -> !line.startsWith(LastLines.BEGIN))
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("at ") && !line.startsWith("Last "))
        .filter(line -> !line.startsWith("Container exited") && !line.contains("Error file:"))
        .limit(3)
        .collect(Collectors.joining(" "));
  }

  private ContainerExit() {}
}
