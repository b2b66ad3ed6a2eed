package io.millrace.cli;

import io.millrace.yarn.YarnApplication;
import java.io.IOException;

/**
 * What becomes of a session whose command is interrupted: by Ctrl-C, a signal, or the end of the
 * terminal. Attached, it is stopped with the command that started it; else it stays, and the user
 * is told how to stop it. In force from right before YARN is asked until nothing is left to say.
 */
final class SessionLeave {
  private final Console console;
  private final SessionFile file;
  private final boolean takeAlong;
  private YarnApplication application;
  private Interruption interruption;

  SessionLeave(Console console, SessionFile file, boolean takeAlong) {
    this.console = console;
    this.file = file;
    this.takeAlong = takeAlong;
  }

  void submitting(YarnApplication submitted) {
    application = submitted;
    interruption = new Interruption("session", this::interrupted);
  }

  void over() {
    if (interruption != null) {
      interruption.over();
    }
  }

  private void interrupted() {
    if (!takeAlong) {
      console.warn(
          "The session "
              + application.id()
              + " may run on. To stop it: "
              + SessionCommand.stopCommand(application.id()));
      return;
    }
    console.warn("Stopping " + application.id() + " because its command is interrupted.");
    try {
      Interruption.insist(
          console, application, Interruption.Kill.NOT_STARTED, client -> client.stopCluster());
      file.remove(application.id());
    } catch (IOException e) {
      console.warn(
          "The session "
              + application.id()
              + " could not be stopped: "
              + Console.oneLine(String.valueOf(e.getMessage()))
              + "; try "
              + SessionCommand.stopCommand(application.id()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
