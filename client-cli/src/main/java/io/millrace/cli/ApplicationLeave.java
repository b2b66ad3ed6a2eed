package io.millrace.cli;

import io.millrace.yarn.YarnApplication;
import java.io.IOException;

/** What an interrupt of this command means for the application that it has started. */
final class ApplicationLeave {
  private final Console console;
  private final boolean takeAlong;
  private YarnApplication application;
  private Interruption interruption;

  /**
   * @param takeAlong whether an interrupt cancels its jobs and ends it
   */
  ApplicationLeave(Console console, boolean takeAlong) {
    this.console = console;
    this.takeAlong = takeAlong;
  }

  void submitting(YarnApplication submitted) {
    application = submitted;
    interruption = new Interruption("application", this::interrupted);
  }

  void over() {
    if (interruption != null) {
      interruption.over();
    }
  }

  private void interrupted() {
    if (!takeAlong) {
      console.warn(
          "The application "
              + application.id()
              + " runs on. Its jobs: millrace list -yid "
              + application.id());
      return;
    }
    console.warn("Ending " + application.id() + " and its jobs because of -sae.");
    try {
      Interruption.insist(
          console, application, Interruption.Kill.SILENT, client -> client.stopCluster());
    } catch (IOException e) {
      console.warn(
          application.id()
              + " could not be ended: "
              + Console.oneLine(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
