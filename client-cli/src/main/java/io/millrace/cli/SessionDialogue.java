package io.millrace.cli;

import io.millrace.yarn.YarnApplication;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An attached session: takes commands, a line each, and tells what happens to the session, until it
 * has ended. The end of the input ends nothing, because under nohup there is none.
 */
final class SessionDialogue {
  private static final Logger LOG = LoggerFactory.getLogger(SessionDialogue.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration STOP = Duration.ofMinutes(3);
  private static final Duration GONE = Duration.ofSeconds(10);

  static final String HELP =
      """
      Commands:
        help   this text
        stop   stops the session: cancels its jobs, and returns once it has ended
        quit   the same""";

  private final Console console;
  private final YarnApplication application;
  private final SessionWatch watch;
  private final SessionFile file;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  SessionDialogue(
      Console console, YarnApplication application, SessionWatch watch, SessionFile file) {
    this.console = console;
    this.application = application;
    this.watch = watch;
    this.file = file;
  }

  /**
   * @return the exit code
   */
  int toTheEnd() throws InterruptedException {
    // A thread of its own: nothing ends a read of a terminal.
    var reader = new Thread(this::read, "standard-input");
    reader.setDaemon(true);
    reader.start();
    console.say("The session is attached; stop ends it, help lists all commands.");
    while (true) {
      watch.look();
      if (watch.ended()) {
        return ended();
      }
      String line = lines.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      if (line != null && obey(line.strip())) {
        return stop();
      }
    }
  }

  private void read() {
    try (var in = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      LOG.info("No more commands can be read: {}", e.toString());
    }
  }

  /** Whether it says to stop. */
  private boolean obey(String line) {
    switch (line) {
      case "stop", "quit" -> {
        return true;
      }
      case "help" -> console.say(HELP);
      case "" -> {
        // somebody presses Enter
      }
      default -> console.warn("Unknown command '" + Console.oneLine(line) + "'; help lists all");
    }
    return false;
  }

  /** Asked again until it has ended: a JobManager that dies meanwhile has forgotten the wish. */
  private int stop() throws InterruptedException {
    console.say("Stopping " + application.id() + ".");
    watch.expectEnd();
    long deadline = System.nanoTime() + STOP.toNanos();
    while (System.nanoTime() - deadline < 0) {
      if (watch.reachable()) {
        try {
          application.client().stopCluster();
        } catch (IOException e) {
          LOG.info("{} could not be told to stop: {}", application.id(), e.toString());
        }
      }
      for (int i = 0; i < 5; i++) {
        watch.look();
        if (watch.ended()) {
          return ended();
        }
        Thread.sleep(LOOK.toMillis() / 5);
      }
    }
    throw new CommandException(
        "the session has not ended in "
            + STOP.toMinutes()
            + " minutes; yarn application -kill "
            + application.id()
            + " ends it by force, and millrace clean -yid "
            + application.id()
            + " settles what its jobs promised then");
  }

  private int ended() throws InterruptedException {
    file.remove(application.id());
    int code = watch.tellEnd();
    if (code == 0 && !application.awaitGone(GONE)) {
      LOG.info("What {} has staged is not gone yet", application.id());
    }
    return code;
  }
}
