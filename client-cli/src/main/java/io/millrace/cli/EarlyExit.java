package io.millrace.cli;

import java.util.Optional;
import java.util.function.Function;

/**
 * A program that ends the JVM while its main method runs. Its exit code, mostly 0, would tell a
 * script that all went well, whatever the command has still to do. In force from right before the
 * main method until behind it.
 */
final class EarlyExit {
  private final Console console;
  private final PackagedProgram program;
  private final Function<String, Optional<String>> complaint;
  private final Thread hook = new Thread(this::ending, "early-exit");

  /**
   * @param complaint what to tell, given words that say who called System.exit; empty if the
   *     program may end the JVM now. Called while the JVM ends, by a thread of its own
   */
  EarlyExit(
      Console console, PackagedProgram program, Function<String, Optional<String>> complaint) {
    this.console = console;
    this.program = program;
    this.complaint = complaint;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The main method is done. */
  void over() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM ends already, and the hook does its work.
    }
  }

  private void ending() {
    // The thread that ends the JVM stays in its call meanwhile.
    for (StackTraceElement[] frames : Thread.getAllStackTraces().values()) {
      if (exits(frames)) {
        complaint
            .apply(program.mainClass() + " called System.exit" + program.place(frames))
            .ifPresent(this::end);
      }
    }
  }

  private void end(String text) {
    console.warn("millrace: " + Console.oneLine(text));
    // A hook has no other way to choose the exit code; there is nothing to clean up.
    Runtime.getRuntime().halt(1);
  }

  /** Not so if a signal ends the JVM: whoever sent it knows. */
  private static boolean exits(StackTraceElement[] frames) {
    for (StackTraceElement frame : frames) {
      if (frame.getClassName().equals("java.lang.Runtime")
          && frame.getMethodName().equals("exit")) {
        return true;
      }
    }
    return false;
  }
}
